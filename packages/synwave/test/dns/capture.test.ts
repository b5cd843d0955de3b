/** What a world says about names, in tshark's eyes: nothing malformed, every answer to its question. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { LinkType } from '../../src/capture/record.ts';
import { nameServer, resolver } from '../../src/node/dns.ts';
import type { Cable } from '../../src/sim/index.ts';
import { hasTool } from '../wire/tcpdump.ts';
import { codeOf, place, RECORDS } from './helpers.ts';

/** Takes down what arrives over a cable. Answers the file so far. */
function record(cable: Cable): () => Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter({ sink: (part) => parts.push(Uint8Array.from(part)) });
  const id = writer.addInterface({ name: cable.name, linkType: LinkType.Raw });
  cable.watch(({ type, time, frame }) => {
    if (type === 'delivered') writer.packet(id, BigInt(time) * 1000n, frame.copy());
  });
  return () => Buffer.concat(parts);
}

/** Every record type, over both families, both ways of transport, found and not found. */
async function conversation(): Promise<{ file: Uint8Array; asked: number }> {
  const { w, client, dns, cable } = place({ delay: 10_000 });
  const file = record(cable);
  const big = Array.from({ length: 300 }, (_, i) => `10.2.${i >> 8}.${i & 0xff}`);
  const records = { ...RECORDS, 'big.example': big, 'long.example': { TXT: ['x'.repeat(600), ['', 'two']] } };
  nameServer(dns, { records });
  let asked = 0;
  await w.run(async () => {
    for (const servers of [[dns.address], [dns.address6]]) {
      const r = resolver(client, { servers, mixCase: true });
      for (const name of ['www.example', 'alias.example', 'nobody.example', 'x.any.example', 'big.example']) {
        await codeOf(r.addresses(name));
      }
      await r.resolve('example', 'MX');
      await r.resolve('example', 'NS');
      await r.resolve('example', 'SOA');
      await r.resolve('long.example', 'TXT');
      await r.resolve('_http._tcp.example', 'SRV');
      await r.reverse('10.1.0.1');
      await r.reverse('fd01::1');
      await codeOf(r.resolve('v4.example', 'TYPE65'));
      await codeOf(r.resolve('www.elsewhere', 'A'));
      asked += r.counters.sent + r.counters.sentOverTcp;
    }
    const plain = resolver(client, { servers: [dns.address], udpSize: 0 });
    await plain.addresses('www.example');
    asked += plain.counters.sent;
  });
  return { file: file(), asked };
}

describe.skipIf(!hasTool('tshark'))('tshark', () => {
  test('finds nothing wrong with a conversation, and a question to every answer', async () => {
    const { file, asked } = await conversation();
    const folder = mkdtempSync(join(tmpdir(), 'synwave-dns-'));
    const tshark = (filter: string, ...fields: string[]): string[][] => {
      const path = join(folder, 'dns.pcapng');
      writeFileSync(path, file);
      const columns = fields.flatMap((field) => ['-e', field]);
      const args = [
        '-r',
        path,
        '-o',
        'udp.check_checksum:TRUE',
        '-Y',
        filter,
        '-T',
        'fields',
        '-E',
        'occurrence=a',
        ...columns,
      ];
      const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((row) => row.split('\t'));
    };
    try {
      expect(
        tshark('_ws.malformed or dns.unsolicited or dns.retransmission or udp.checksum.bad', 'frame.number'),
      ).toEqual([]);
      expect(tshark('_ws.expert.severity >= "Warning" and dns', 'frame.number', '_ws.expert.message')).toEqual([]);
      const questions = tshark('dns.flags.response == 0', 'dns.id');
      const answers = tshark('dns.flags.response == 1 and dns.response_to', 'dns.id');
      // Questions in a row on one connection may share a segment.
      expect(questions.flatMap(([ids = '']) => ids.split(',')).length).toBe(asked);
      expect(answers.flatMap(([ids = '']) => ids.split(',')).length).toBe(asked);
      const types = new Set(tshark('dns.flags.response == 1', 'dns.resp.type').flatMap(([row = '']) => row.split(',')));
      for (const type of [1, 2, 5, 6, 12, 15, 16, 28, 33, 41]) expect(types).toContain(String(type));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
