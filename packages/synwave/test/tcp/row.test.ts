/** Rows of half-open connections that share one scratch Tcb: what one leaves in it is not the next one's. */
import { expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { add, seq } from '../../src/base/seq.ts';
import { MILLISECOND } from '../../src/base/time.ts';
import { arriveSynchronized } from '../../src/tcp/arrive.ts';
import { openPassive } from '../../src/tcp/arrive-early.ts';
import { rfcProfile } from '../../src/tcp/config.ts';
import { nextSegment } from '../../src/tcp/next-segment.ts';
import { pack, ROW_INTS, ROW_TIMES, unpack } from '../../src/tcp/row.ts';
import { State } from '../../src/tcp/state.ts';
import { Stop } from '../../src/tcp/stop.ts';
import { Store } from '../../src/tcp/store.ts';
import { renew, Tcb } from '../../src/tcp/tcb.ts';
import { ACK, Segment, SYN } from '../../src/wire/segment.ts';

test('two handshakes at once: neither ACK looks like reordering (RFC 8985 §6.2 step 2)', () => {
  const store = new Store(1 << 20);
  const ints = new Int32Array(2 * ROW_INTS);
  const times = new Float64Array(2 * ROW_TIMES);
  const isns = [seq(1000), seq(500_000)];
  const scratch = new Tcb(rfcProfile, store);
  isns.forEach((iss, row) => {
    renew(scratch, rfcProfile);
    openPassive(scratch, Object.assign(new Segment(), { flags: SYN, seq: seq(7), wnd: 1000, len: 1 }), iss, 0);
    expect(nextSegment(scratch, new Segment(), new Frame(64), 0, 0)).toBe(true);
    pack(scratch, ints, times, row);
  });
  isns.forEach((iss, row) => {
    unpack(scratch, rfcProfile, ints, times, row);
    const ack = Object.assign(new Segment(), { flags: ACK, seq: seq(8), ack: add(iss, 1), wnd: 1000 });
    expect(arriveSynchronized(scratch, ack, 10 * MILLISECOND)).toBe(Stop.Done);
    expect(scratch.state).toBe(State.Established);
    expect(scratch.recovery).toMatchObject({ fack: add(iss, 1), reorderingSeen: false });
  });
});
