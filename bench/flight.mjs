/**
 * flight-N, holes-N: what one segment costs, both ends, with N segments in flight, and with N holes in the receiver's
 * queue, the simulator's part included. The cost must not grow with N as a search would.
 */
import { inProcess, linuxProfile } from 'synwave';
import { world } from 'synwave/sim';
import { check, repeated, result } from './measure.mjs';
import { CHUNK, Sink, Source } from './payload.mjs';

/** Small segments, so that it is their number that costs and not their octets. */
const MTU = 296;
const MSS = MTU - 52; // IPv4, TCP and the timestamps' option
/** Segments sent in each run, whatever the flight. */
const SEGMENTS = 40_000;
/** One way, in microseconds. */
const DELAY = 1000;
/** Packets with less in them are ACKs. */
const TEXT = 100;

/** @param {number} n Segments in flight. */
export function flight(n) {
  return async () => {
    const run = async () => (await transfer(n, SEGMENTS, () => false)).nanoseconds / SEGMENTS;
    return [result(`flight-${n}`, await repeated(run), 'ns/segment')];
  };
}

/** @param {number} n Holes: of a flight of 2n segments, the first and every second after it is lost. */
export function holes(n) {
  return async () => {
    const run = async () => {
      const rounds = Math.ceil(SEGMENTS / 2 / (2 * n));
      let nanoseconds = 0;
      let segments = 0;
      for (let round = 0; round < rounds; round++) {
        let nth = 0;
        const once = await transfer(2 * n, 2 * n, () => nth < 2 * n && nth++ % 2 === 0);
        check(once.outOfOrder === n, `${once.outOfOrder} segments out of order, not ${n}`);
        nanoseconds += once.nanoseconds;
        segments += once.segments;
      }
      return nanoseconds / segments;
    };
    return [result(`holes-${n}`, await repeated(run), 'ns/segment')];
  };
}

/**
 * Carries `segments` segments with `inFlight` of them under way; `loses` is asked about each that has text.
 * @param {number} inFlight
 * @param {number} segments
 * @param {() => boolean} loses
 */
async function transfer(inFlight, segments, loses) {
  const octets = inFlight * MSS;
  const config = {
    ...linuxProfile,
    initialWindow: inFlight,
    sendBuffer: octets,
    receiveBuffer: 4 * octets + 65_536,
    holes: 2 * inFlight,
  };
  const total = segments * MSS;
  const w = world({ config });
  const near = w.host('near');
  const far = w.host('far');
  const cable = w.cable(near, far, { delay: DELAY, mtu: MTU, offloads: inProcess });
  cable.set({ fault: (frame) => (frame.length > TEXT && loses() ? 'drop' : null) }, near);
  const listener = far.listen({ port: 80 });
  const source = new Source();
  const sink = new Sink();
  let outOfOrder = 0;
  let most = 0;
  const nanoseconds = await w.run(async () => {
    const writer = near.connect({ address: '10.0.0.2', port: 80 });
    await writer.opened;
    const start = process.hrtime.bigint();
    /** @type {Promise<void>} */
    const whole = new Promise((resolve) => {
      listener.onConnection = (socket) => {
        const into = new Uint8Array(CHUNK);
        socket.handler = {
          readable() {
            for (let n = socket.tryRead(into); n > 0; n = socket.tryRead(into)) sink.take(into, n);
            outOfOrder = socket.info().counters.outOfOrderIn;
            if (most < octets) most = Math.max(most, writer.info().snd.flight);
            if (sink.count === total) resolve();
          },
        };
      };
    });
    const write = () => {
      while (source.taken < total) {
        const n = writer.tryWrite(source.buffer, source.at, Math.min(CHUNK - source.at, total - source.taken));
        if (n <= 0) break;
        source.take(n);
      }
    };
    writer.handler = { writable: write };
    write();
    await whole;
    return Number(process.hrtime.bigint() - start);
  });
  sink.finish(source);
  check(most === octets, `${most} octets in flight, not ${octets}`);
  const { segmentsOut } = near.counters();
  return { nanoseconds, segments: segmentsOut, outOfOrder };
}
