/** Path: the states that a connection has been in so far, in their order. */
import { computed } from '@preact/signals';
import type { StateMoveEvent } from 'synwave/sim';
import { position, recording } from '../state/run.ts';

/** All moves of a run. */
const moves = computed(() => {
  const found: { readonly moment: number; readonly event: StateMoveEvent }[] = [];
  for (const [moment, { events }] of (recording.value?.moments ?? []).entries()) {
    for (const event of events) if (event.type === 'state') found.push({ moment, event });
  }
  return found;
});

/** Without the one that it is in. Of a host without a connection: of all that it had. */
export function pathOf(host: string, connection: number | null): string[] {
  const at = position.value;
  const path: string[] = [];
  for (const { moment, event } of moves.value) {
    if (moment > at) break;
    if (event.host !== host) continue;
    if (connection === null || event.connection.id === connection) path.push(event.from);
  }
  return connection === null ? path.slice(-11) : path;
}
