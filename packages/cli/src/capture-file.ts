/** A capture on disk that grows as packets are taken down: pcapng, or pcap where the name ends so; `-` is standard output. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type About, CaptureError, PcapngWriter, PcapWriter, type Recorder } from 'synwave/pcapng';
import { systemReason, UserError } from './errors.ts';

/** Octets that are gathered before they are written. */
const CHUNK = 1 << 16;

export class CaptureFile implements Recorder {
  readonly path: string;
  packets = 0;
  private readonly writer: Recorder;
  private readonly file: number;
  private chunks: Uint8Array[] = [];
  private size = 0;
  private closed = false;

  /** Opens the file, and empties it. Throws UserError when it cannot be written. */
  constructor(path: string, application: string) {
    this.path = path;
    try {
      this.file = path === '-' ? 1 : openSync(path, 'w');
    } catch (error) {
      throw new UserError(`cannot write ${path}: ${systemReason(error)}`);
    }
    const sink = (octets: Uint8Array): void => this.gather(octets);
    this.writer = path.endsWith('.pcap') ? new PcapWriter({ sink }) : new PcapngWriter({ sink, application });
  }

  addInterface(description: Parameters<Recorder['addInterface']>[0]): number {
    try {
      return this.writer.addInterface(description);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      throw new UserError(`cannot write ${this.path}: ${error.message}`);
    }
  }

  packet(interfaceId: number, time: bigint, data: Uint8Array, about: About = {}): void {
    if (this.closed) return;
    this.packets++;
    this.writer.packet(interfaceId, time, data, about);
  }

  /** Writes what is left and closes the file. What comes later is not taken down. */
  close(): void {
    this.closed = true;
    this.write();
    if (this.path !== '-') closeSync(this.file);
  }

  private gather(octets: Uint8Array): void {
    this.chunks.push(octets);
    this.size += octets.length;
    if (this.size >= CHUNK) this.write();
  }

  private write(): void {
    const octets = Buffer.concat(this.chunks);
    this.chunks = [];
    this.size = 0;
    for (let at = 0; at < octets.length; ) at += writeSync(this.file, octets, at);
  }
}
