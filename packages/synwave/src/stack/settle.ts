/** Settle: after anything has happened to a connection: what it is kept as, when it wakes, what its user hears. */
import { type Micros, NEVER } from '../base/time.ts';
import { release } from '../tcp/calls.ts';
import { dueNames, earliest } from '../tcp/due.ts';
import { News } from '../tcp/failure.ts';
import { State } from '../tcp/state.ts';
import { TCB_COST } from '../tcp/store.ts';
import { Tcb } from '../tcp/tcb.ts';
import type { Core } from './core.ts';
import { Kind } from './slots.ts';

/** Marks a Tcb that stands on the list of news already. */
const TOLD = 1 << 30;

/** The Tcb of a slot: its own, or the scratch one with the slot's row in it. `settle` must follow. */
export function load(core: Core, slot: number): Tcb {
  const { slots } = core;
  const own = slots.tcbOf(slot);
  if (own !== null) {
    if (core.observer !== null) own.watch = core.watchOf(slot);
    return own;
  }
  const { scratch } = core;
  slots.unpack(slot, scratch);
  scratch.watch = core.observer === null ? null : core.watchOf(slot);
  return scratch;
}

/** Puts a slot on the list of those that `turn` lets send. */
export function markReady(core: Core, slot: number): void {
  if (core.slots.markReady(slot)) core.ready.push(slot);
}

/** `tcb` is what `load` gave for `slot`. */
export function settle(core: Core, slot: number, tcb: Tcb): void {
  const { slots } = core;
  if (tcb.state === State.Closed || tcb.state === State.Listen) {
    conclude(core, slot, tcb);
    return;
  }
  const kind = slots.kindOf(slot);
  if (kind === Kind.HalfOpen) {
    if (tcb.state === State.SynReceived) slots.pack(slot, tcb);
    else promote(core, slot, tcb);
  } else if (kind === Kind.TimeWait) {
    slots.pack(slot, tcb);
  } else if (tcb.state === State.TimeWait && !slots.isHeld(slot)) {
    shrink(core, slot, tcb);
  }
  const wake = earliest(tcb.due);
  if (wake !== NEVER) core.wheel.schedule(slot, wake);
  if (tcb.watch !== null) for (const name of dueNames) tcb.watch.timerMoves(name, tcb.due[name]);
  if (tcb.news !== 0 && slots.isHeld(slot)) tell(core, slot, tcb);
}

/** A connection that waits to be accepted has nobody to tell: its news wait with it. */
function tell(core: Core, slot: number, tcb: Tcb): void {
  if ((tcb.news & TOLD) !== 0 || core.slots.listenerOf(slot) >= 0) return;
  tcb.news |= TOLD;
  core.news.push(slot);
}

/** A user takes a connection from its listener, and hears what has happened to it meanwhile. */
export function handOver(core: Core, slot: number): void {
  core.slots.detach(slot);
  const tcb = core.slots.tcbOf(slot);
  if (tcb !== null && tcb.news !== 0) tell(core, slot, tcb);
}

/** What there is to tell of a slot, once. */
export function takeNews(core: Core, slot: number): number {
  const tcb = core.slots.tcbOf(slot);
  if (tcb === null) return 0;
  const news = tcb.news & ~TOLD;
  tcb.news = 0;
  return news;
}

/** A half-open connection is established: the scratch Tcb becomes its own, and the listener has one to accept. */
function promote(core: Core, slot: number, tcb: Tcb): void {
  const { slots, listeners } = core;
  slots.become(slot, Kind.Full);
  slots.setTcb(slot, tcb);
  core.scratch = new Tcb(core.config, core.store);
  slots.hold(slot, true);
  const listener = listeners.get(slots.listenerOf(slot));
  if (listener === null) return;
  listener.halfOpen--;
  listener.waiting.push(slot);
  core.news.push(~listener.id);
}

/** TIME-WAIT that nobody holds: the row is enough. */
function shrink(core: Core, slot: number, tcb: Tcb): void {
  const { slots } = core;
  slots.pack(slot, tcb);
  slots.become(slot, Kind.TimeWait);
  slots.setTcb(slot, null);
  slots.detach(slot);
  release(tcb);
  core.store.free(TCB_COST);
}

/** CLOSED, or back in LISTEN: the four-tuple is free again; the number too, once no user holds it. */
function conclude(core: Core, slot: number, tcb: Tcb): void {
  const { slots } = core;
  core.wheel.cancel(slot);
  if (slots.kindOf(slot) === Kind.HalfOpen) {
    const listener = core.listeners.get(slots.listenerOf(slot));
    if (listener !== null) listener.halfOpen--;
  }
  if (tcb.watch !== null) for (const name of dueNames) tcb.watch.timerMoves(name, NEVER);
  core.watches.delete(slot);
  tcb.watch = null;
  slots.unlist(slot);
  if (slots.isHeld(slot)) {
    tcb.news |= News.Closed;
    tell(core, slot, tcb);
    return;
  }
  discard(core, slot);
}

/** The number is free again. */
export function discard(core: Core, slot: number): void {
  const { slots } = core;
  const tcb = slots.tcbOf(slot);
  if (tcb !== null) release(tcb);
  if (tcb !== null || slots.kindOf(slot) === Kind.HalfOpen) core.store.free(TCB_COST);
  slots.give(slot);
}

/** The user of a slot lets go of its number; the connection itself goes on to its end. */
export function unhold(core: Core, slot: number, now: Micros): void {
  const { slots } = core;
  slots.hold(slot, false);
  const tcb = slots.tcbOf(slot);
  if (tcb === null || !slots.isListed(slot)) {
    discard(core, slot); // it was concluded while it was held
    return;
  }
  core.clock.now = now;
  settle(core, slot, tcb);
}
