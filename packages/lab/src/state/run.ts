/** The run that is shown, and the point of it that is looked at: everything else on the page follows from these. */

import { files } from 'virtual:scenarios';
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { HostView, Intervention } from 'synwave/sim';
import type { Act, MomentRecord, Recording } from '../worker/protocol.ts';
import { merged, type Setup } from './setup.ts';
import { giveUp, played } from './stack.ts';
import { viewsOf } from './views.ts';

/** What is asked for: the same choice gives the same run. */
export interface Choice {
  readonly id: string;
  readonly variant: string | null;
  /** Null: the scenario's own. */
  readonly seed: number | string | null;
  readonly interventions: readonly Intervention[];
  /** What the reader has built, instead of what the scenario's file says; left out: nothing. */
  readonly setup?: Setup | undefined;
}

export const recording: Signal<Recording | null> = signal(null);
/** The moment that is looked at, from 0; -1 before anything has happened. */
export const position: Signal<number> = signal(-1);
/** Virtual time, between that moment and the next one. */
export const now: Signal<number> = signal(0);
/** What went wrong, to be told to the reader. */
export const failure: Signal<string | null> = signal(null);
export const busy: Signal<boolean> = signal(false);
/** The packet that is selected, by its number. */
export const selected: Signal<number | null> = signal(null);
/** Counted up when the reader steps: what is spoken then is not spoken while playing. */
export const stepped: Signal<number> = signal(0);

export const moment: ReadonlySignal<MomentRecord | null> = computed(
  () => recording.value?.moments[position.value] ?? null,
);
export const total: ReadonlySignal<number> = computed(() => recording.value?.moments.length ?? 0);
/** The steps of the scenario that were told last, all of one moment, from 0. */
export const toldSteps: ReadonlySignal<readonly number[]> = computed(() => {
  const steps = recording.value?.steps ?? [];
  const last = steps[toldStep.value];
  return last === undefined ? [] : steps.filter(({ moment: at }) => at === last.moment).map(({ step }) => step);
});
/** The step of the scenario that was told last, from 0; -1: none yet. */
export const toldStep: ReadonlySignal<number> = computed(() => {
  const at = position.value;
  return recording.value?.steps.findLastIndex((step) => step.moment <= at) ?? -1;
});
/** The hosts as they are now. While they are on their way from the worker: as they were last seen. */
export const hosts: ReadonlySignal<readonly HostView[]> = computed(() => {
  const run = recording.value;
  if (run === null) return [];
  return position.value < 0 ? run.initial : viewsOf(run, position.value);
});

let choice: Choice | null = null;
let file: unknown = null;

/** The choice that is shown. */
export function chosen(): Choice | null {
  return choice;
}

/** Plays a choice and shows it at a moment (a number from 0, or -1). What fails is told by `failure`. */
export async function show(wanted: Choice, at = 0): Promise<void> {
  busy.value = true;
  try {
    if (choice?.id !== wanted.id || file === null) {
      const load = files[wanted.id];
      if (load === undefined) throw new RangeError(`no scenario ${wanted.id}`);
      file = await load();
    }
    const run = await played(merged(file, wanted.setup), wanted);
    if (run === null) return; // another one was asked for meanwhile
    choice = wanted;
    recording.value = run;
    failure.value = null;
    selected.value = null;
    goTo(at);
  } catch (error) {
    failure.value = error instanceof Error ? error.message : String(error);
  } finally {
    busy.value = false;
  }
}

/** Shows a recording that no choice leads to: one that was read from a capture. */
export function showRecording(run: Recording): void {
  giveUp();
  choice = null;
  recording.value = run;
  failure.value = null;
  selected.value = null;
  goTo(run.moments.length - 1);
}

/** Looks at a moment; the nearest one where there is none. */
export function goTo(at: number, time?: number): void {
  const run = recording.value;
  if (run === null) return;
  const there = Math.max(-1, Math.min(at, run.moments.length - 1));
  position.value = there;
  now.value = time ?? run.moments[there]?.time ?? 0;
}

/** The reader steps to a moment. */
export function stepTo(at: number): void {
  goTo(at);
  stepped.value++;
}

/** Somebody acts: the run goes another way from there. What was done to it later is given up. */
export async function act(what: Act): Promise<void> {
  const run = recording.value;
  if (run === null || choice === null) return;
  const at = what.type === 'packet' ? sentAt(run, what.packet) : what.moment;
  const earlier = choice.interventions.filter((each) => isBefore(run, each, at, what));
  const next = intervention(run, what);
  const there = what.type === 'deed' ? at + 1 : isUnderway(run, what.packet) ? currentOf(run) : at;
  await show({ ...choice, interventions: [...earlier, next] }, there);
}

/** Back to how the scenario goes by itself, or to less of what was done: the first `count` interventions stay. */
export async function keepFirst(count: number): Promise<void> {
  if (choice !== null) await show({ ...choice, interventions: choice.interventions.slice(0, count) }, position.value);
}

function intervention(run: Recording, what: Act): Intervention {
  if (what.type === 'packet') return { type: 'packet', packet: what.packet, fault: what.fault };
  const { who, deed, time, moment: at } = what;
  return { type: 'deed', events: run.moments[at]?.worldEvents ?? 0, time, who, deed };
}

function isBefore(run: Recording, each: Intervention, at: number, what: Act): boolean {
  if (each.type === 'packet') {
    if (what.type === 'packet') return each.packet < what.packet;
    return sentAt(run, each.packet) <= at;
  }
  const events = run.moments[at]?.worldEvents ?? 0;
  return each.events < events || (what.type === 'deed' && each.events === events && each.time <= what.time);
}

function currentOf(run: Recording): number {
  return Math.min(position.peek(), run.moments.length - 1);
}

/** Whether the packet has not arrived yet at the point that is looked at. */
function isUnderway(run: Recording, packet: number): boolean {
  const { arrivesAt } = run.packets[packet] ?? { arrivesAt: null };
  return arrivesAt !== null && arrivesAt > now.peek();
}

/** The moment at which a packet is sent. */
export function sentAt(run: Recording, packet: number): number {
  return run.moments.findIndex(({ events }) =>
    events.some((event) => event.type === 'sent' && event.packet.id === packet),
  );
}
