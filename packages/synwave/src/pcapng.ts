/** `synwave/pcapng`: read and write captures, and take them down from a link. */
export { CaptureError } from './capture/error.ts';
export { PcapWriter } from './capture/pcap-write.ts';
export { PcapngWriter, type Sink } from './capture/pcapng-write.ts';
export { type Capture, readCapture } from './capture/read.ts';
export {
  type About,
  type CaptureInterface,
  type CapturePacket,
  type Direction,
  ipAt,
  LinkType,
  type Recorder,
} from './capture/record.ts';
export { tap } from './capture/tap.ts';
