/** Captures read back: what the stack did and wrote down is found again, segment for segment; and what went wrong is said. */
import { readFileSync } from 'node:fs';
import { ACK } from 'synwave';
import { readCapture } from 'synwave/pcapng';
import { flagNames, parseScenario, play, type Run } from 'synwave/sim';
import { describe, expect, test } from 'vitest';
import { captureOf } from '../src/header/capture.ts';
import { recordingOf } from '../src/import/recording.ts';
import { type Stream, streamsOf } from '../src/import/streams.ts';
import { flowsOf, RunLabels } from '../src/ladder/flows.ts';
import type { Recording } from '../src/worker/protocol.ts';
import { canCapture, captureLoopback, talk } from './loopback.ts';
import { scenarioFiles } from './page.ts';

function playHere(id: string, variant: string | null = null): Run {
  const path = new URL(`../../synwave/scenarios/${id}.json`, import.meta.url);
  const run = play(parseScenario(JSON.parse(readFileSync(path, 'utf8'))), { variant });
  run.finish();
  return run;
}

/** The run's capture, as the page writes it, read as the page reads it. */
async function readBack(id: string, variant: string | null = null): Promise<{ run: Run; recordings: Recording[] }> {
  const run = playHere(id, variant);
  const blocks = await captureOf(run as unknown as Recording);
  const octets = new Uint8Array(Buffer.concat(blocks));
  const { streams, problem } = streamsOf(octets, readCapture(octets));
  expect(problem).toBeNull();
  const recordings = streams.map(
    (stream, connection) =>
      recordingOf(stream, { file: `${id}.pcapng`, connection, connections: streams.length, place: '' }).recording,
  );
  return { run, recordings };
}

/** What was found in each connection, in order. */
function kindsOf({ tale }: Recording): string[] {
  return tale.steps.map(({ on }) => on);
}

describe('a capture of our own', () => {
  test.each(scenarioFiles().map(({ id }) => id))(
    '%s: the same segments, in the same order, marked alike',
    async (id) => {
      const { run, recordings } = await readBack(id);
      const sent = run.packets.filter(({ segment }) => segment !== null);
      const found = recordings.flatMap(({ packets }) => packets);
      const spell = ({
        srcPort,
        dstPort,
        seq,
        ack,
        flags,
        window,
        length,
      }: NonNullable<(typeof sent)[0]['segment']>): string =>
        [srcPort, dstPort, seq, ack, flags, window, length].join(' ');
      const lines = (all: typeof sent): string[] =>
        all.map(({ segment }) => (segment === null ? '' : spell(segment))).toSorted();
      expect(lines(found)).toEqual(lines(sent));
    },
  );

  const all = scenarioFiles().flatMap(({ id, variants = [] }) =>
    [null, ...variants.map((variant) => variant.id)].map((variant) => [id, variant] as const),
  );

  test.each(all)('%s, %s: every label is what stands in the capture', async (id, variant) => {
    const { run, recordings } = await readBack(id, variant);
    const { packets } = run;
    const labels = new RunLabels('raw', packets, flowsOf(packets), String);
    const shown = packets.filter(({ segment }) => segment !== null).map((packet) => labels.of(packet));
    const captured = recordings.flatMap((recording) =>
      recording.packets.map(({ octets }) => {
        const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
        const tcp = (view.getUint8(0) & 15) * 4;
        const flags = view.getUint8(tcp + 13);
        const length = octets.length - tcp - (view.getUint8(tcp + 12) >> 4) * 4;
        const ack = (flags & ACK) === 0 ? '' : ` ack=${view.getUint32(tcp + 8)}`;
        return `${flagNames(flags).join(',')} seq=${view.getUint32(tcp + 4)}${ack}${length > 0 ? ` len=${length}` : ''}`;
      }),
    );
    expect(captured.toSorted()).toEqual(shown.toSorted());
  });

  test('states are those of the textbook', async () => {
    const { recordings } = await readBack('close-four');
    const moves = recordings[0]?.moments.flatMap(({ events }) =>
      events.flatMap((event) =>
        event.type === 'state' ? [`${event.host.endsWith(':80') ? 'B' : 'A'} ${event.to}`] : [],
      ),
    );
    expect(moves).toEqual([
      'A SYN-SENT',
      'B SYN-RECEIVED',
      'A ESTABLISHED',
      'B ESTABLISHED',
      'A FIN-WAIT-1',
      'B CLOSE-WAIT',
      'A FIN-WAIT-2',
      'B LAST-ACK',
      'A TIME-WAIT',
      'B CLOSED',
    ]);
  });

  test.each([
    ['handshake', ['still-open']],
    ['refused', ['refused']],
    ['syn-lost', ['syn-again']],
  ])('%s: what is found', async (id, kinds) => {
    const { recordings } = await readBack(id);
    expect(kindsOf(recordings[0] as Recording)).toEqual(expect.arrayContaining(kinds));
  });
});

describe('what the kernel did', { timeout: 30_000 }, () => {
  test.skipIf(!canCapture)('a capture by tcpdump on loopback: every state, every octet', async () => {
    const file = await captureLoopback((port) => talk(port, 20_000));
    const { streams, problem } = streamsOf(file, readCapture(file));
    expect(problem).toBeNull();
    expect(streams).toHaveLength(1);
    const shown = recordingOf(streams[0] as Stream, {
      file: 'lo.pcap',
      connection: 0,
      connections: 1,
      place: '',
    });
    const { recording } = shown;
    const [client, server] = recording.hosts.map(({ name }) => name);
    expect(server).not.toBe(client);
    const last = shown.views(recording.moments.length - 1, recording.moments.length)[0] ?? [];
    expect(last.map(({ connections }) => connections[0]?.info.state)).toEqual(['TIME-WAIT', 'CLOSED']);
    // Each octet once, there and back; SYN and FIN take one number each.
    for (const { connections } of last) {
      const { una, iss } = connections[0]?.info.snd ?? { una: 0, iss: 0 };
      expect((una - iss) >>> 0).toBe(20_002);
    }
    expect(kindsOf(recording)).toEqual([]);
  });

  test.skipIf(!canCapture)('nobody listens: refused', async () => {
    const file = await captureLoopback(async (port, stopListening) => {
      await stopListening();
      await expect(talk(port, 1)).rejects.toThrow('ECONNREFUSED');
    });
    const { streams } = streamsOf(file, readCapture(file));
    const { recording } = recordingOf(streams[0] as Stream, {
      file: 'lo.pcap',
      connection: 0,
      connections: 1,
      place: '',
    });
    expect(kindsOf(recording)).toEqual(['refused']);
  });
});

test('a file that ends in the middle is read as far as it goes', async () => {
  const run = playHere('close-four');
  const octets = new Uint8Array(Buffer.concat(await captureOf(run as unknown as Recording)));
  const cut = octets.subarray(0, octets.length - 30);
  const { streams, packets, problem } = streamsOf(cut, readCapture(cut));
  expect(problem).toMatch(/cut short/);
  expect(packets).toBe(run.packets.length - 1);
  expect(streams[0]?.length).toBe(run.packets.length - 1);
});
