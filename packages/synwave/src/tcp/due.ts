/** The deadlines of a connection, one named field for each timer. The engine assigns them; nobody else does. */
import { type Micros, NEVER } from '../base/time.ts';

/** Each field is an instant, or NEVER. */
export class Due {
  /** RTO (RFC 6298): the first segment in flight is sent again. */
  retransmit: Micros = NEVER;
  /** The window is zero or silly: probe it (RFC 9293 §3.8.6.1, §3.8.6.2.1). */
  persist: Micros = NEVER;
  /** An ACK has waited long enough for company (RFC 9293 §3.8.6.3). */
  delayedAck: Micros = NEVER;
  /** The connection may have been idle too long (RFC 9293 §3.8.4). */
  keepAlive: Micros = NEVER;
  /** The tail of a flight is probed (RFC 8985 §7). */
  lossProbe: Micros = NEVER;
  /** What may have been reordered is now lost (RFC 8985 §6.2). */
  reorder: Micros = NEVER;
  /** The user's patience (RFC 9293 §3.10.8). */
  user: Micros = NEVER;
  /** A FIN-WAIT-2 that nobody holds has waited long enough. */
  finWait2: Micros = NEVER;
  /** 2MSL are over (RFC 9293 §3.10.8). */
  timeWait: Micros = NEVER;
}

/** The names, in the order in which deadlines that fall together are served. */
export const dueNames = [
  'user',
  'timeWait',
  'finWait2',
  'lossProbe',
  'retransmit',
  'persist',
  'reorder',
  'keepAlive',
  'delayedAck',
] as const;

export type DueName = (typeof dueNames)[number];

/** The earliest of them all, NEVER when none is armed. */
export function earliest(due: Due): Micros {
  return Math.min(
    due.retransmit,
    due.persist,
    due.delayedAck,
    due.keepAlive,
    due.lossProbe,
    due.reorder,
    due.user,
    due.finWait2,
    due.timeWait,
  );
}

/** Turns every timer off. */
export function disarm(due: Due): void {
  due.retransmit = NEVER;
  due.persist = NEVER;
  due.delayedAck = NEVER;
  due.keepAlive = NEVER;
  due.lossProbe = NEVER;
  due.reorder = NEVER;
  due.user = NEVER;
  due.finWait2 = NEVER;
  due.timeWait = NEVER;
}
