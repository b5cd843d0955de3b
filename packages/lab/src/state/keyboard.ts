/** Keyboard: one key for everything that is often done; never while somebody types or chooses from a list. */
import { list } from 'virtual:scenarios';
import { labelModes } from 'synwave/sim';
import { told } from '../explain/told.ts';
import { chooseScenario, pickerOpen } from '../header/picker.ts';
import { menu } from '../ladder/menu.ts';
import { closeOverlay, openOverlay, overlay } from './overlay.ts';
import { faster, pause, play, playing, slower } from './playing.ts';
import { act, now, position, recording, selected, stepTo, total } from './run.ts';
import { labels } from './settings.ts';

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (overlay.value !== null) {
      if (event.key === 'Escape') closeOverlay();
      return;
    }
    const shift = event.shiftKey ? 'Shift+' : '';
    const deed = keys[`${shift}${event.key}`] ?? keys[event.key];
    if (deed === undefined) return;
    // A focused button is pressed by Space; an open menu has arrow keys of its own.
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    deed(event.key);
  });
}

type Deed = (key: string) => void;

function step(by: number): void {
  pause();
  stepTo(position.value + by);
}

const keys: Readonly<Record<string, Deed>> = {
  ' ': () => (playing.value ? pause() : play()),
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  'Shift+ArrowRight': () => stateChange(1),
  'Shift+ArrowLeft': () => stateChange(-1),
  PageDown: () => told(1),
  PageUp: () => told(-1),
  Home: () => step(-1 - position.value),
  End: () => step(total.value),
  '[': slower,
  ']': faster,
  l: () => step(total.value),
  L: () => step(total.value),
  d: dropNext,
  D: dropNext,
  t: nextLabels,
  T: nextLabels,
  g: () => openOverlay('glossary'),
  G: () => openOverlay('glossary'),
  '?': () => openOverlay('help'),
  'Shift+?': () => openOverlay('help'),
  '/': () => {
    pickerOpen.value = true;
  },
  Escape: () => {
    menu.value = null;
    selected.value = null;
    pickerOpen.value = false;
  },
  ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [String(i + 1), chooseNumber])),
};

function chooseNumber(key: string): void {
  const entry = list.find(({ number }) => number === Number(key));
  if (entry !== undefined) chooseScenario(entry.id);
}

/** The next or the previous moment in which a state changes. */
function stateChange(by: 1 | -1): void {
  const moments = recording.value?.moments ?? [];
  pause();
  for (let i = position.value + by; i >= 0 && i < moments.length; i += by) {
    if (moments[i]?.events.some(({ type }) => type === 'state') === true) return stepTo(i);
  }
  stepTo(by > 0 ? total.value : -1);
}

/** Drops the packet that is selected, or else the one that is under way, or else the next one that is sent. */
function dropNext(): void {
  const run = recording.value;
  if (run === null) return;
  const chosen = selected.value;
  const underway = run.packets.find(
    ({ sentAt, arrivesAt }) => sentAt <= now.value && arrivesAt !== null && arrivesAt > now.value,
  );
  const next = run.packets.find(({ sentAt }) => sentAt > now.value);
  const packet = chosen ?? underway?.id ?? next?.id;
  if (packet === undefined) return;
  pause();
  void act({ type: 'packet', packet, fault: 'drop' });
}

function nextLabels(): void {
  labels.value = labelModes[(labelModes.indexOf(labels.value) + 1) % labelModes.length] ?? 'textbook';
}

function isTyping(target: EventTarget | null): boolean {
  // The tape's knob goes by the page's own keys; other sliders have theirs.
  if (target instanceof HTMLInputElement && target.type === 'range') return target.closest('.tape') === null;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
