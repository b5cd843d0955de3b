import { describe, expect, test } from 'vitest';
import { faultText, parseFault } from '../../src/sim/fault-text.ts';
import { MatchCounter, MatchError, type PacketView, parseMatch } from '../../src/sim/match.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../src/wire/segment.ts';

function tcp(flags: number, length = 0, more: Partial<PacketView> & { again?: boolean } = {}): PacketView {
  const { again = false, ...rest } = more;
  const base = { from: 'client', to: 'server', srcPort: 40_000, dstPort: 80 } as const;
  return { ...base, protocol: 'TCP', segment: { flags, again }, length, ...rest };
}

function other(protocol: PacketView['protocol'], length = 0): PacketView {
  return { from: 'client', to: 'server', protocol, segment: null, srcPort: 0, dstPort: 0, length };
}

describe('which packets a match text means', () => {
  const packets: Readonly<Record<string, PacketView>> = {
    syn: tcp(SYN),
    synAck: tcp(SYN | ACK, 0, { from: 'server', to: 'client' }),
    ack: tcp(ACK),
    data: tcp(ACK | PSH, 100),
    dataAgain: tcp(ACK, 100, { again: true }),
    fin: tcp(FIN | ACK),
    finData: tcp(FIN | ACK, 5, { dstPort: 443 }),
    rst: tcp(RST),
    udp: { ...other('UDP', 12), srcPort: 53, dstPort: 5353 },
    icmp: other('ICMP', 64),
    arp: other('ARP'),
    unknown: other('other'),
  };

  test.each<[string, string]>([
    ['SYN', 'syn'],
    ['SYN,ACK', 'synAck'],
    ['ACK', 'ack'],
    ['data', 'data dataAgain finData'],
    ['FIN', 'fin finData'],
    ['RST', 'rst'],
    ['segment', 'syn synAck ack data dataAgain fin finData rst'],
    ['UDP', 'udp'],
    ['ICMP', 'icmp'],
    ['ARP', 'arp'],
    ['packet', Object.keys(packets).join(' ')],
    ['data again', 'dataAgain'],
    ['segment from server', 'synAck'],
    ['segment to client', 'synAck'],
    ['FIN port 443', 'finData'],
    ['FIN on port 80', 'fin'],
    ['packet of 100 octets', 'data dataAgain'],
    ['third packet from client to server of 64 octets', 'icmp'],
    ['every data of 100 octets again from client', 'dataAgain'],
    ['DATA', 'data dataAgain finData'],
  ])('%s', (text, names) => {
    const matcher = parseMatch(text);
    const found = Object.keys(packets).filter((name) => matcher.matches(packets[name] as PacketView));
    expect(found.join(' ')).toBe(names);
  });

  test.each<[string, number[]]>([
    ['third ACK', [3]],
    ['ACK', [1]],
    ['2nd ACK', [2]],
    ['#4 ACK', [4]],
    ['ACK 2', [2]],
    ['every ACK', [1, 2, 3, 4, 5]],
    ['11th ACK', []],
  ])('of five, %s', (text, wanted) => {
    const counter = new MatchCounter(parseMatch(text));
    const taken = [1, 2, 3, 4, 5].filter(() => {
      expect(counter.takes(tcp(SYN))).toBe(false); // what does not match is not counted
      return counter.takes(tcp(ACK));
    });
    expect(taken).toEqual(wanted);
  });

  test('a name with blanks stands in quotation marks', () => {
    const matcher = parseMatch('first SYN from "client A" to server');
    expect(matcher.matches(tcp(SYN, 0, { from: 'client A' }))).toBe(true);
    expect(matcher.matches(tcp(SYN))).toBe(false);
  });
});

describe('a text that cannot be read', () => {
  test.each<[string, number, string]>([
    ['', 1, 'found the end'],
    ['third', 6, 'expected SYN,ACK, SYN, RST'],
    ['third akc from client', 7, 'found "akc"'],
    ['0th ACK', 1, 'found "0th"'],
    ['ACK from', 9, 'expected the name of a host, found the end'],
    ['ACK port http', 10, 'expected a number, found "http"'],
    ['ACK on 80', 8, 'expected port, found "80"'],
    ['data of 5', 10, 'expected octets, found the end'],
    ['data of 5 bytes', 11, 'expected octets, found "bytes"'],
    ['ACK form client', 5, 'expected again, from HOST, to HOST, port N or of N octets, found "form"'],
    ['third ACK 3', 11, 'found "3"'],
    ['ACK from "client A', 10, 'expected a quotation mark at the end'],
  ])('%j', (text, column, says) => {
    const error = caught(() => parseMatch(text));
    expect(error.column).toBe(column);
    expect(error.message).toContain(says);
  });
});

describe('what is to become of a packet', () => {
  test.each<[string, ReturnType<typeof parseFault>]>([
    ['drop', 'drop'],
    ['duplicate', 'duplicate'],
    ['corrupt', 'corrupt'],
    ['corrupt bit 77', { corrupt: 77 }],
    ['delay 40 ms', { delay: 40_000 }],
    ['delay 1.5 s', { delay: 1_500_000 }],
    ['delay 123457 us', { delay: 123_457 }],
    ['hold until 3 s', { until: 3_000_000 }],
  ])('%s, both ways', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
    expect(parseFault(faultText(fault))).toEqual(fault);
  });

  test.each<[string, number, string]>([
    ['', 1, 'expected drop, duplicate, corrupt, corrupt bit N, delay TIME or hold until TIME, found the end'],
    ['lose', 1, 'found "lose"'],
    ['delay', 1, 'found "delay"'],
    ['delay 40', 7, 'expected a time, as 40 ms, found "40"'],
    ['hold until then', 12, 'expected a time, as 3 s, found "then"'],
    ['corrupt bit x', 13, 'expected the number of a bit, found "x"'],
  ])('%j cannot be read', (text, column, says) => {
    const error = caught(() => parseFault(text));
    expect(error.column).toBe(column);
    expect(error.message).toContain(says);
  });
});

function caught(act: () => unknown): MatchError {
  try {
    act();
  } catch (error) {
    if (error instanceof MatchError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
