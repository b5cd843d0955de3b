/** Picker: choosing another scenario. */
import { type Signal, signal } from '@preact/signals';
import { drawer, openDrawer } from '../state/drawer.ts';
import { pause } from '../state/playing.ts';
import { show } from '../state/run.ts';

export const pickerOpen: Signal<boolean> = signal(false);

/** Plays a scenario as it is, from its beginning. */
export function chooseScenario(id: string): void {
  pause();
  if (id === 'playground' && drawer.value === null && matchMedia('(min-width: 640px)').matches) openDrawer('build');
  void show({ id, variant: null, seed: null, interventions: [] }, 0);
}
