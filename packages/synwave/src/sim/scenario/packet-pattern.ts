/** Packet patterns: which packet is meant, by the names that scenarios have for the parts of match texts. */
export {
  MatchCounter as PacketCounter,
  type Matcher as PacketPattern,
  type PacketView,
  parseKind,
  parseMatch as parsePacketPattern,
} from '../match.ts';
