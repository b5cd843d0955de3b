/** A run: the facts of every textbook, the document, seeds, and the capture in tshark's eyes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from 'synwave/pcapng';
import { afterAll, describe, expect, test } from 'vitest';
import { ClientCapture } from '../src/handshake/capture.ts';
import { documentOf, type HandshakeDocument } from '../src/handshake/document.ts';
import type { Settings } from '../src/handshake/run.ts';
import { runOf } from './tools.ts';

/** Wireshark's own program, if it is there. */
const TSHARK = 'tshark';

const home = mkdtempSync(join(tmpdir(), 'synwave-cli-'));
afterAll(() => rmSync(home, { recursive: true }));

async function documentFor(content: string | number, settings: Partial<Settings> = {}): Promise<HandshakeDocument> {
  return documentOf(await runOf(content, settings), null);
}

/** The octets of the capture of a run. */
async function captured(content: string | number, settings: Partial<Settings> = {}): Promise<string> {
  const path = join(home, 'run.pcapng');
  const capture = new ClientCapture(path);
  await runOf(content, { ...settings, capture });
  capture.close();
  return path;
}

describe('over a clean cable', () => {
  test.each([
    ['nothing', ''],
    ['a line', 'hello\n'],
    ['a megabyte', 1_000_000],
  ])('%s: what a textbook says of a connection is so', async (_name, content) => {
    const { segments, states, bytes, sha256 } = await documentFor(content);
    expect(states).toEqual({
      client: ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'],
      server: ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'],
    });
    expect(bytes).toBe(typeof content === 'string' ? content.length : content);
    expect(sha256.received).toBe(sha256.sent);
    expect(segments.every(({ dropped }) => !dropped)).toBe(true);

    // Three segments open: a SYN takes one number and carries no text, an ACK takes none.
    const [syn, synAck, ack] = segments;
    expect(syn).toMatchObject({ from: 'client', flags: ['SYN'], len: 0, seq: { relative: 0 } });
    expect(synAck).toMatchObject({ from: 'server', flags: ['SYN', 'ACK'], len: 0, ack: { relative: 1 } });
    expect(ack).toMatchObject({ from: 'client', flags: ['ACK'], len: 0, seq: { relative: 1 }, ack: { relative: 1 } });
    expect(segments[3]?.seq.relative).toBe(1);
    expect(synAck?.ack.raw).toBe(((syn?.seq.raw ?? 0) + 1) >>> 0);

    // The FINs stand alone; each takes one number; between them the server still sends.
    const fins = segments.filter(({ flags }) => flags.includes('FIN'));
    expect(fins.map(({ from, len }) => [from, len])).toEqual([
      ['client', 0],
      ['server', 0],
    ]);
    const u = fins[0]?.seq.relative ?? 0;
    const w = fins[1]?.seq.relative ?? 0;
    expect(u).toBe(bytes + 1);
    const [, answer, more] = segments.slice(segments.findIndex(({ flags }) => flags.includes('FIN')));
    expect(answer).toMatchObject({ from: 'server', flags: ['ACK'], len: 0, ack: { relative: u + 1 } });
    expect(more?.from).toBe('server');
    expect(more?.len).toBeGreaterThan(0);
    const v = answer?.seq.relative ?? 0;
    expect(w).toBe(v + (more?.len ?? 0));
    expect(segments.at(-1)).toMatchObject({ from: 'client', flags: ['ACK'], len: 0, ack: { relative: w + 1 } });
  });

  test('who closes second is CLOSED earlier, who closes first waits 2MSL', async () => {
    const { recording, msl2 } = await runOf('hello\n');
    const timeOf = (side: string, state: string): number =>
      recording.steps.find((step) => step.kind === 'state' && step.side === side && step.state === state)?.time ?? NaN;
    expect(timeOf('client', 'CLOSED') - timeOf('client', 'TIME-WAIT')).toBe(msl2);
    expect(timeOf('server', 'CLOSED')).toBeLessThan(timeOf('client', 'CLOSED'));
    const tcbs = recording.steps.filter((step) => step.kind === 'tcb').map(({ side, what }) => `${side} ${what}`);
    expect(tcbs).toEqual(['client created', 'server created', 'server deleted', 'client deleted']);
  });

  test('windows are told after scaling, options as tcpdump does', async () => {
    const { segments } = await documentFor('hello\n');
    expect(segments[0]?.options).toMatch(/^mss 1460,sackOK,TS val \d+ ecr 0,nop,wscale \d+$/);
    expect(segments[0]?.win).toBe(65_535);
    expect(segments[2]?.win).toBeGreaterThan(65_535);
    expect(segments[1]?.t).toBe(0.02);
  });
});

describe('over a bad cable', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: the file arrives whole', async (seed) => {
    const link = { loss: 0.1, reorder: 0.1, duplicate: 0.1, corrupt: 0.05, jitter: 5000 };
    const run = await runOf(50_000, { seed, link });
    expect(run.failure).toBeNull();
    expect(run.sha256.received).toBe(run.sha256.sent);
    expect(documentOf(run, null).segments.some(({ dropped }) => dropped)).toBe(true);
  });

  test('no segment counts as dropped that arrives in a copy', async () => {
    const { segments } = await documentFor(20_000, { link: { corrupt: 1, duplicate: 1 } });
    expect(segments.every(({ dropped }) => !dropped)).toBe(true);
  });
});

describe('the capture', () => {
  test('same seed, same octets; another seed, others', async () => {
    const link = { loss: 0.05, reorder: 0.05 };
    const first = readFileSync(await captured(20_000, { seed: 7, link }));
    expect(readFileSync(await captured(20_000, { seed: 7, link })).equals(first)).toBe(true);
    expect(readFileSync(await captured(20_000, { seed: 8, link })).equals(first)).toBe(false);
    expect(readFileSync(await captured(20_000, { seed: 'seven', link })).equals(first)).toBe(false);
  });

  test("holds what the client sends, lost or not, and of the server's what arrives", async () => {
    const path = join(home, 'lossy.pcapng');
    const capture = new ClientCapture(path);
    const { segments } = documentOf(await runOf(50_000, { capture, link: { loss: 0.1 } }), path);
    capture.close();
    const packets = [...readCapture(readFileSync(path)).packets];
    const sent = segments.filter(({ from }) => from === 'client');
    const back = segments.filter(({ from, dropped }) => from === 'server' && !dropped);
    expect(packets.filter(({ direction }) => direction === 'out')).toHaveLength(sent.length);
    expect(packets.filter(({ direction }) => direction === 'in')).toHaveLength(back.length);
    expect(packets.filter(({ comment }) => comment === 'lost on the cable')).toHaveLength(
      sent.filter(({ dropped }) => dropped).length,
    );
    expect(packets).toHaveLength(capture.packets);
  });

  const tshark = spawnSync(TSHARK, ['--version']).status === 0;
  if (!tshark) process.stderr.write('SKIPPED: tshark is not installed, so that no capture is checked with it\n');

  test.skipIf(!tshark)('tshark finds nothing wrong with a clean one', async () => {
    const path = await captured(300_000);
    const fields = ['_ws.malformed', 'ip.checksum.status', 'tcp.checksum.status', 'tcp.analysis.flags'];
    const options = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const wanted = fields.flatMap((field) => ['-e', field]);
    const { stdout } = spawnSync(TSHARK, ['-r', path, ...options, '-T', 'fields', '-E', 'separator=|', ...wanted], {
      encoding: 'utf8',
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(200);
    expect(new Set(lines)).toEqual(new Set(['|1|1|']));
    // Nor an expert's note of any kind but those on opening and closing.
    const { stdout: notes } = spawnSync(TSHARK, ['-r', path, '-q', '-z', 'expert'], { encoding: 'utf8' });
    expect(notes).not.toMatch(/Errors|Warns|retransmission|out-of-order|duplicate ACK|previous segment/i);
    expect(notes).toContain('Connection finish (FIN)');
  });
});
