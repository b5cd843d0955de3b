/** Explicit congestion notification from end to end: RFC 3168, through IP headers and a cable that marks. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/base/frame.ts';
import { MILLISECOND } from '../../src/base/time.ts';
import { type Cable, type SimHost, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';
import { CWR, ECE, Ecn, SYN } from '../../src/wire/segment.ts';
import { difference, gather, octets } from './data.ts';

const MIB = 1024 * 1024;

/** Where the ECN field stands in IPv6's first word, and where TCP's flags do. */
const CLASS = 1;
const FLAGS = 40 + 13;
const DATA = 40 + 12;

/** IPv6 has no checksum over its header: a mark is two bits, and no more. */
function ecnOf(frame: Frame): number {
  return ((frame.bytes[frame.at + CLASS] as number) >> 4) & 3;
}

function flagsOf(frame: Frame): number {
  return frame.bytes[frame.at + FLAGS] as number;
}

/** Octets of text. */
function textOf(frame: Frame): number {
  return frame.end - frame.at - 40 - (((frame.bytes[frame.at + DATA] as number) >> 4) << 2);
}

interface Line {
  readonly w: ReturnType<typeof world>;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly cable: Cable;
}

function line(config: Partial<TcpConfig>): Line {
  const w = world({ seed: 1, config: { congestion: 'reno' } });
  const client = w.host('client', { config });
  const server = w.host('server');
  return { w, client, server, cable: w.cable(client, server, { delay: 10 * MILLISECOND }) };
}

/** Sends 1 MiB from client to server; answers both sockets once it has arrived, and where it differs. */
async function transfer({ w, client, server }: Line): Promise<[TcpSocket, TcpSocket, number]> {
  return w.run(async () => {
    const listener = server.listen({ port: 80 });
    const accepting = listener.accept();
    const socket = client.connect({ address: 'fd00::2', port: 80 });
    const other = (await accepting) as TcpSocket;
    const mine = octets(MIB, 1);
    const reading = gather(other);
    await socket.write(mine);
    socket.end();
    return [socket, other, difference(await reading, mine)];
  });
}

describe('a cable that marks every hundredth packet that may be marked', () => {
  test('the sender hears of it, narrows its window and loses nothing', async () => {
    const l = line({ ecn: 'request' });
    const wrong: string[] = [];
    let able = 0;
    let marks = 0;
    let reduced = 0;
    const sent = new Set<number>();
    l.cable.set({
      fault: (frame) => {
        const ecn = ecnOf(frame);
        const flags = flagsOf(frame);
        const number = new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.at + 44, 4).getInt32(0);
        const fresh = textOf(frame) > 0 && !sent.has(number);
        if (textOf(frame) > 0) sent.add(number);
        if ((ecn === Ecn.Ect0) !== fresh) wrong.push(`ECN field ${ecn} on ${textOf(frame)} octets, flags ${flags}`);
        if ((flags & (SYN | CWR)) === CWR) reduced++;
        if (ecn !== Ecn.Ect0) return null;
        if (++able % 100 === 0) {
          (frame.bytes[frame.at + CLASS] as number) |= Ecn.Ce << 4;
          marks++;
        }
        return null;
      },
    });
    const [socket, other, whole] = await transfer(l);
    expect(whole).toBe(-1);
    expect(wrong).toEqual([]);
    expect(marks).toBeGreaterThan(5);
    const { counters, options } = socket.info();
    expect(options.ecn).toBe(true);
    expect(other.info().options.ecn).toBe(true);
    expect(other.info().counters.marksIn).toBe(marks);
    expect(counters.marksOut).toBeGreaterThanOrEqual(marks);
    expect(counters.ecnReductions).toBeGreaterThan(3);
    expect(counters.ecnReductions).toBeLessThanOrEqual(marks);
    expect(reduced).toBe(counters.ecnReductions);
    expect(counters.retransmits).toBe(0);
    expect(socket.info().congestion.ssthresh).toBeLessThan(MIB);
  });

  test('unless it is asked for, nothing may be marked, and no bit of it is on the wire', async () => {
    const l = line({});
    const seen = new Set<number>();
    l.cable.watch(({ frame }) => {
      seen.add(ecnOf(frame));
      seen.add(flagsOf(frame) & (ECE | CWR));
    });
    const [socket, , whole] = await transfer(l);
    expect(whole).toBe(-1);
    expect([...seen]).toEqual([0]);
    expect(socket.info().options.ecn).toBe(false);
  });

  test('the traffic class keeps its other six bits', async () => {
    const l = line({ ecn: 'request', trafficClass: 0b1011_1011 });
    const classes = new Set<number>();
    l.cable.watch(({ frame, from }) => {
      if (from === 'client') {
        const view = new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.at);
        classes.add((view.getUint16(0) >> 4) & 0xff);
      }
    });
    await transfer(l);
    expect([...classes].toSorted((a, b) => a - b)).toEqual([0b1011_1000, 0b1011_1010]);
  });
});
