/** tcpdump as an oracle: what it prints for packets. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a tool can be run; says so loudly when not, since the tests that need it are then skipped. */
export function hasTool(name: string): boolean {
  const found = spawnSync(name, ['--version']).error === undefined;
  if (!found) process.stderr.write(`\n*** ${name} is not installed: tests against it are SKIPPED ***\n\n`);
  return found;
}

/** A pcap file of packets of that link type, put together here by hand: the writers are under test elsewhere. */
function pcap(packets: readonly Uint8Array[], snapLength: number, linkType: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4);
  header.setUint16(4, 2);
  header.setUint16(6, 4);
  header.setUint32(16, 262_144);
  header.setUint32(20, linkType);
  parts.push(new Uint8Array(header.buffer));
  packets.forEach((packet, index) => {
    const captured = packet.subarray(0, snapLength);
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, index);
    record.setUint32(4, 123_456);
    record.setUint32(8, captured.length);
    record.setUint32(12, packet.length);
    parts.push(new Uint8Array(record.buffer), captured);
  });
  return Buffer.concat(parts);
}

/** Link types of pcap: IP packets as they are, and Ethernet frames. */
const RAW = 101;
export const ETHERNET = 1;

/** What `tcpdump -n` with `flags` prints for the packets, a line each; each packet is cut to `snapLength`. */
export function tcpdump(
  packets: readonly Uint8Array[],
  flags: readonly string[] = [],
  snapLength = 65_535,
  linkType: number = RAW,
): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'synwave-text-'));
  try {
    const file = join(folder, 'packets.pcap');
    writeFileSync(file, pcap(packets, snapLength, linkType));
    const run = spawnSync('tcpdump', ['-n', ...flags, '-r', file], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
      maxBuffer: 64 << 20,
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout.replace(/\n$/, '').split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
