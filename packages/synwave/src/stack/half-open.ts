/** Half-open: the slot, and the scratch Tcb made ready, of a connection that a listener is to have. */
import type { Micros } from '../base/time.ts';
import type { Path } from '../ip/path.ts';
import { TCB_COST } from '../tcp/store.ts';
import { renew, type Tcb } from '../tcp/tcb.ts';
import { Drop } from '../wire/drop.ts';
import type { Segment } from '../wire/segment.ts';
import type { Core } from './core.ts';
import { dropPacket } from './events-out.ts';
import type { Listener } from './listeners.ts';
import { defaultMss, linkMss } from './mss.ts';
import { Kind } from './slots.ts';

/**
 * A slot for a connection of `listener` with the sender of `seg`, which `core.packet` brought and `path` leads to. -1:
 * memory is used up, and the packet dropped.
 */
export function takeHalfOpen(core: Core, path: Path, listener: Listener, seg: Segment): number {
  if (!core.store.reserve(TCB_COST)) {
    dropPacket(core, Drop.MemoryFull, -1);
    return -1;
  }
  listener.halfOpen++;
  const { src, dst } = core.packet;
  return core.slots.take(Kind.HalfOpen, path, listener.id, dst, seg.dstPort, src, seg.srcPort);
}

/** The scratch Tcb, fresh, with the listener's settings and what follows from the addresses of `core.packet`; nobody looks on. */
export function freshTcb(core: Core, path: Path, listener: Listener, now: Micros): Tcb {
  const { scratch: tcb, secrets, packet } = core;
  const { src, dst } = packet;
  renew(tcb, listener.config);
  tcb.watch = null;
  tcb.pathMss = linkMss(path, listener.config, now);
  tcb.peerMss = defaultMss(dst.family);
  tcb.ts.offset = secrets.timestamp(dst, src);
  return tcb;
}
