/** What follows from the run: connections, labels, places. Computed once for each run and setting. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type Flow, flowsOf, RunLabels } from '../ladder/flows.ts';
import { type Layout, layOut } from '../ladder/layout.ts';
import { text } from '../text/texts.ts';
import { recording } from './run.ts';
import { axis, labels } from './settings.ts';

/** Whether there is room for little more than the arrows. */
export const compact: Signal<boolean> = signal(false);

export const flows: ReadonlySignal<readonly Flow[]> = computed(() => flowsOf(recording.value?.packets ?? []));

export const runLabels: ReadonlySignal<RunLabels> = computed(
  () => new RunLabels(labels.value, recording.value?.packets ?? [], flows.value, text.value.octets),
);

const EMPTY: Layout = { rows: [], arrows: [], reach: [], waits: [], bands: [], height: 0 };

export const layout: ReadonlySignal<Layout> = computed(() =>
  recording.value === null ? EMPTY : layOut(recording.value, axis.value, compact.value),
);
