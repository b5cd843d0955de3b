/** Now: what each cable does to packets at the moment that is looked at. */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Impairments } from 'synwave/sim';
import { position, recording } from '../state/run.ts';

/** In the order of the run's links. */
export const impairmentsNow: ReadonlySignal<readonly Impairments[]> = computed(() => {
  const run = recording.value;
  const at = position.value;
  if (run === null) return [];
  const changes = run.moments.slice(0, at + 1).flatMap(({ events }) => events.filter(({ type }) => type === 'cable'));
  return run.links.map(({ name, impairments }) => {
    let now = impairments;
    for (const event of changes) {
      if (event.type === 'cable' && event.cable === name && event.impairments !== null)
        now = { ...now, ...event.impairments };
    }
    return now;
  });
});
