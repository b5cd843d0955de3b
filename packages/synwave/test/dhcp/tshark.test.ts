/** A whole life with DHCP, as Wireshark reads it: no packet is malformed, and every field says what was meant. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { LinkType } from '../../src/capture/record.ts';
import { dhcp, inform } from '../../src/dhcp/index.ts';
import type { Cable } from '../../src/sim/index.ts';
import { hasTool } from '../wire/tcpdump.ts';
import { blank, ETH0, net, RANGE, serve } from './helpers.ts';

const hasTshark = hasTool('tshark');

/** Takes down what is put on a cable. */
function takeDown(cable: Cable, parts: Uint8Array[]): void {
  const writer = new PcapngWriter({ sink: (part) => parts.push(part) });
  writer.addInterface({ name: cable.name, linkType: LinkType.Ethernet });
  cable.watch(({ type, time, frame }) => {
    if (type === 'sent') writer.packet(0, BigInt(Math.floor(time * 1000)), frame.copy());
  });
}

/** A client that is offered a taken address, declines it, gets another, renews, is refused, asks anew, releases; a host that asks. */
async function life(): Promise<Uint8Array> {
  const n = net({ probe: 0, mtu: 1400 });
  n.w.plug(n.w.host('squatter'), n.sw, { addresses: ['10.0.0.100/24'] });
  const parts: Uint8Array[] = [];
  const [host, cable] = blank(n, 'h1');
  takeDown(cable, parts);
  const client = dhcp(host, ETH0, { delay: 0, clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 3), leaseTime: 1800 * SECOND });
  await n.w.run(() => client.bound);
  client.renew();
  await n.w.runFor(SECOND);
  n.dhcpd.close();
  const other = serve(n.server, { ...RANGE, reserved: { '02:00:00:00:00:99': '10.0.0.101' }, probe: 0 });
  client.renew();
  await n.w.runFor(SECOND);
  await n.w.run(() => client.bound);
  client.release();
  await n.w.runFor(SECOND);
  host.stack.internet.addAddress(ETH0, '10.0.0.77/24');
  await n.w.run(() => inform(host, ETH0));
  await n.w.runFor(10 * SECOND);
  other.close();
  return Buffer.concat(parts);
}

describe.skipIf(!hasTshark)('Wireshark', { timeout: 60_000 }, () => {
  let folder = '';
  const tshark = (...args: string[]): string[] => {
    const checks = ['udp', 'ip'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const run = spawnSync('tshark', ['-r', join(folder, 'life.pcapng'), ...checks, ...args], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout.split('\n').filter((line) => line !== '');
  };
  const fields = (filter: string, ...names: string[]): string[] =>
    tshark('-Y', filter, '-T', 'fields', '-E', 'separator= ', ...names.flatMap((name) => ['-e', `dhcp.${name}`]));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'synwave-dhcp-'));
    writeFileSync(join(folder, 'life.pcapng'), await life());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('finds no malformed packet, no wrong checksum, and nothing to warn of in any message', () => {
    expect(tshark().length).toBeGreaterThan(30);
    expect(tshark('-Y', '_ws.malformed || _ws.short')).toEqual([]);
    expect(tshark('-Y', 'udp.checksum.status != 1 || ip.checksum.status != 1')).toEqual([]);
    expect(tshark('-Y', 'dhcp && _ws.expert')).toEqual([]);
    expect(tshark('-Y', '(udp.port == 67 || udp.port == 68) && !dhcp && !icmp')).toEqual([]);
  });

  test('reads the messages in their order, with their addresses', () => {
    const lines = tshark(
      ...['-Y', 'dhcp', '-T', 'fields', '-E', 'separator= '],
      ...['dhcp.option.dhcp', 'dhcp.ip.client', 'dhcp.ip.your', 'dhcp.ip.relay', 'dhcp.flags.bc'].flatMap((name) => [
        '-e',
        name,
      ]),
      ...['ip.src', 'ip.dst', 'udp.srcport', 'udp.dstport'].flatMap((name) => ['-e', name]),
    );
    const none = '0.0.0.0';
    const asked = (type: number): string => `${type} ${none} ${none} ${none} 1 ${none} 255.255.255.255 68 67`;
    const told = (type: number, last: number): string =>
      `${type} ${none} 10.0.0.${last} ${none} 1 10.0.0.1 255.255.255.255 67 68`;
    const given = (last: number): string[] => [asked(1), told(2, last), asked(3), told(5, last)];
    const declined = `4 ${none} ${none} ${none} 0 ${none} 255.255.255.255 68 67`;
    const renewed = `3 10.0.0.101 ${none} ${none} 0 10.0.0.101 10.0.0.1 68 67`;
    // Versions of Wireshark differ in how they print a flag.
    expect(lines.map((line) => line.replace('True', '1').replace('False', '0'))).toEqual([
      ...given(100),
      declined,
      ...given(101),
      renewed,
      `5 10.0.0.101 10.0.0.101 ${none} 0 10.0.0.1 10.0.0.101 67 68`,
      renewed,
      `6 ${none} ${none} ${none} 0 10.0.0.1 255.255.255.255 67 68`,
      ...given(100), // the second server does not know yet that somebody has it
      declined,
      ...given(102),
      `7 10.0.0.102 ${none} ${none} 0 10.0.0.102 10.0.0.1 68 67`,
      `8 10.0.0.77 ${none} ${none} 0 10.0.0.77 255.255.255.255 68 67`,
      `5 10.0.0.77 ${none} ${none} 0 10.0.0.1 10.0.0.77 67 68`,
    ]);
  });

  test('reads in an ACK what the server was told', () => {
    const [first] = fields(
      'dhcp.option.dhcp == 5',
      'option.subnet_mask',
      'option.router',
      'option.domain_name_server',
      'option.domain_name',
      'option.interface_mtu',
      'option.ip_address_lease_time',
      'option.renewal_time_value',
      'option.rebinding_time_value',
      'option.dhcp_server_id',
      'hw.mac_addr',
    );
    expect(first).toBe(
      '255.255.255.0 10.0.0.1 10.0.0.1,192.0.2.53 lan.example 1400 1800 900 1575 10.0.0.1 02:00:00:00:00:03,02:00:00:00:00:03',
    );
  });

  test('reads in a request what the client would like', () => {
    const [first] = fields(
      'dhcp.option.dhcp == 3',
      'option.requested_ip_address',
      'option.dhcp_server_id',
      'option.hostname',
      'option.ip_address_lease_time',
      'option.request_list_item',
    );
    expect(first).toBe('10.0.0.100 10.0.0.1 h1 1800 1,3,6,15,26,58,59');
  });
});
