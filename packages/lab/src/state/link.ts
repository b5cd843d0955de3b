/** Link: the part of the address behind # says which run is shown, where, and how, so that another page shows the same. */

import { list } from 'virtual:scenarios';
import { effect } from '@preact/signals';
import type { Intervention } from 'synwave/sim';
import { type LabelMode, labelModes } from 'synwave/sim';
import { isEmbedded } from './embed.ts';
import { type Choice, chosen, position, recording, show } from './run.ts';
import { labels, language } from './settings.ts';
import { setupOf } from './setup.ts';

/** What an address says. */
interface Place {
  readonly choice: Choice;
  readonly at: number;
}

/** A capture lies on the reader's disk: no address leads there, but the way back from it does. */
const CAPTURE = '#capture';

let written = '';

/** Shows what the address says, and keeps the address true from now on. */
export async function followAddress(): Promise<void> {
  addEventListener('hashchange', () => {
    if (location.hash !== written) void open();
  });
  await open();
  effect(() => {
    const run = recording.value;
    const text = run === null ? '' : run.capture === null ? addressOf(position.value) : CAPTURE;
    if (text === '' || text === written) return;
    // What somebody has done can be taken back by the browser's button; steps are not pages of their own.
    const isOther = withoutPlace(text) !== withoutPlace(written) && written !== '';
    // A page in a frame leaves the history of the page around it alone.
    if (isOther && !isEmbedded) {
      flush();
      written = text;
      history.pushState(null, '', text);
    } else {
      next = text;
      if (mayWrite()) flush();
      else timer ??= setTimeout(flush, SOON);
    }
  });
}

/** Browsers take it badly when the address changes with every frame: so many changes at once, and so many a second. */
const MOST = 10;
const SOON = 150;
let credit = MOST;
let credited = 0;

function mayWrite(): boolean {
  const at = performance.now();
  credit = Math.min(MOST, credit + ((at - credited) / 1000) * MOST);
  credited = at;
  if (credit < 1) return false;
  credit--;
  return true;
}

let next: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

/** Writes the place that is looked at into the address. */
function flush(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  if (next === null) return;
  written = next;
  next = null;
  history.replaceState(null, '', written);
}

async function open(): Promise<void> {
  next = null;
  const { choice, at } = read(location.hash);
  written = location.hash;
  await show(choice, at);
}

/** The whole address of what is shown, as a link for others. */
export function shareLink(): string {
  return new URL(addressOf(position.value), location.href).href;
}

function addressOf(at: number): string {
  const choice = chosen();
  if (choice === null) return '';
  const params = new URLSearchParams({ s: choice.id });
  if (choice.variant !== null) params.set('v', choice.variant);
  if (choice.seed !== null) params.set('seed', String(choice.seed));
  if (choice.interventions.length > 0) params.set('i', pack(choice.interventions));
  if (choice.setup !== undefined) params.set('c', pack(choice.setup));
  params.set('t', String(at + 1));
  params.set('lang', language.value);
  params.set('labels', labels.value);
  return `#${params.toString()}`;
}

function withoutPlace(hash: string): string {
  const params = new URLSearchParams(hash.slice(1));
  for (const name of ['t', 'lang', 'labels']) params.delete(name);
  return params.toString();
}

/** What makes no sense is passed over: a link that was cut still shows something. */
function read(hash: string): Place {
  const params = new URLSearchParams(hash.slice(1));
  const id = list.find((each) => each.id === params.get('s'))?.id ?? list[0]?.id ?? '';
  const entry = list.find((each) => each.id === id);
  const variant = entry?.variants.find((each) => each.id === params.get('v'))?.id ?? null;
  const lang = params.get('lang');
  if (lang === 'zh' || lang === 'en') language.value = lang;
  const mode = labelModes.find((each): each is LabelMode => each === params.get('labels'));
  if (mode !== undefined) labels.value = mode;
  const seed = params.get('seed');
  const t = Number(params.get('t') ?? 1);
  const number = seed === null || seed === '' || Number.isNaN(Number(seed)) ? seed : Number(seed);
  return {
    choice: {
      id,
      variant,
      seed: number,
      interventions: interventionsIn(unpack(params.get('i'))),
      setup: setupOf(unpack(params.get('c'))) ?? undefined,
    },
    at: Number.isInteger(t) ? t - 1 : 0,
  };
}

function pack(value: unknown): string {
  const octets = new TextEncoder().encode(JSON.stringify(value));
  const text = btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Null for what nothing can be made of. */
function unpack(text: string | null): unknown {
  if (text === null) return null;
  try {
    const octets = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(octets));
  } catch {
    return null;
  }
}

function interventionsIn(value: unknown): Intervention[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isIntervention) : [];
}

/** As far as it can be seen here; what the stack does not understand it refuses by itself. */
function isIntervention(value: unknown): value is Intervention {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'packet') return 'packet' in value && typeof value.packet === 'number' && 'fault' in value;
  return value.type === 'deed' && 'events' in value && 'time' in value && 'who' in value && 'deed' in value;
}
