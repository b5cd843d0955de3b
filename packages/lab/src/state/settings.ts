/** Settings: how the reader wants to see things. Those that are not part of a link are kept in the browser. */
import { type Signal, signal } from '@preact/signals';
import { type LabelMode, labelModes } from 'synwave/sim';

export type Language = 'zh' | 'en';
export type Theme = 'auto' | 'light' | 'dark';
/** How far apart rows stand: one for each event, or by time. */
export type Axis = 'events' | 'time';
/** How states are called: as in the RFC, by Linux `ss`, in textbooks. */
export type StateNames = 'rfc' | 'linux' | 'textbook';

export const themes: readonly Theme[] = ['auto', 'light', 'dark'];
export const axes: readonly Axis[] = ['events', 'time'];
export const stateNameModes: readonly StateNames[] = ['rfc', 'linux', 'textbook'];

export const language: Signal<Language> = signal(kept('language', ['zh', 'en'], spoken()));
export const theme: Signal<Theme> = signal(kept('theme', themes, 'auto'));
export const labels: Signal<LabelMode> = signal(kept('labels', labelModes, 'textbook'));
export const axis: Signal<Axis> = signal(kept('axis', axes, 'events'));
export const stateNames: Signal<StateNames> = signal(kept('states', stateNameModes, 'rfc'));
/** Whether questions are asked before decisive steps. */
export const predictFirst: Signal<'on' | 'off'> = signal(kept('predict', ['on', 'off'], 'off'));

/** Keeps each setting from now on, and shows the theme. */
export function keepSettings(): void {
  const all = { language, theme, labels, axis, states: stateNames, predict: predictFirst };
  for (const [name, each] of Object.entries(all)) each.subscribe((value) => keep(name, value));
  theme.subscribe((value) => {
    document.documentElement.dataset['theme'] = value;
  });
  language.subscribe((value) => {
    document.documentElement.lang = value === 'zh' ? 'zh-CN' : 'en';
  });
}

function spoken(): Language {
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

function kept<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(`synwave-lab.${name}`);
    return choices.find((each) => each === value) ?? otherwise;
  } catch {
    return otherwise; // a page in a frame may not have any storage
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`synwave-lab.${name}`, value);
  } catch {
    // not kept then
  }
}
