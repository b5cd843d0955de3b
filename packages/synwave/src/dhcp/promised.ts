/** Promised: a lease that somebody waits for, and how that is kept or broken. */
import type { SynwaveError } from '../base/errors.ts';
import type { Lease } from './lease.ts';

export interface Promised {
  readonly promise: Promise<Lease>;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: SynwaveError) => void;
}

export function promiseOfLease(): Promised {
  const settle: { resolve?: Promised['resolve']; reject?: Promised['reject'] } = {};
  const promise = new Promise<Lease>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  promise.catch(() => undefined); // nobody has to wait for it
  return { promise, ...settle } as Promised;
}
