/** The stack, as the page reaches it: in a worker, which is asked and answers. */
import { type Signal, signal } from '@preact/signals';
import type { HostView } from 'synwave/sim';
import { type Answer, PAGE, type Recording, type Request } from '../worker/protocol.ts';
import type { Choice } from './run.ts';

interface Asked {
  readonly resolve: (recording: Recording | null) => void;
  readonly reject: (error: Error) => void;
}

let worker: Worker | null = null;
let tickets = 0;
const asked: Map<number, Asked> = new Map<number, Asked>();

/** Views that have come, for the recording that is shown. */
let pages: Map<number, readonly (readonly HostView[])[]> = new Map();
let ticketOf: WeakMap<Recording, number> = new WeakMap();
const wanted: Set<number> = new Set<number>();
let lastSeen: readonly HostView[] = [];
/** Counted up when views have come. */
const arrivals: Signal<number> = signal(0);

/** Plays a choice; null: another one was asked for before this one was ready. */
export function played(file: unknown, choice: Choice): Promise<Recording | null> {
  const ticket = ++tickets;
  const { variant, seed, interventions } = choice;
  for (const [number, { resolve }] of asked) {
    asked.delete(number);
    resolve(null);
  }
  return new Promise((resolve, reject) => {
    asked.set(ticket, { resolve, reject });
    ask({ type: 'play', ticket, file, variant, seed, interventions });
  });
}

/** The hosts at the end of a moment. Those that have not come yet are asked for; until then, the last ones that were seen. */
export function viewsOf(recording: Recording, moment: number): readonly HostView[] {
  void arrivals.value; // so that whoever looks is told when they come
  const page = Math.floor(moment / PAGE);
  const ticket = ticketOf.get(recording);
  if (ticket === undefined) return [];
  for (const each of [page, page + 1]) {
    if (each * PAGE >= recording.moments.length || pages.has(each) || wanted.has(each)) continue;
    wanted.add(each);
    ask({ type: 'views', ticket, page: each });
  }
  lastSeen = pages.get(page)?.[moment - page * PAGE] ?? lastSeen;
  return lastSeen;
}

function ask(request: Request): void {
  worker ??= start();
  worker.postMessage(request);
}

function start(): Worker {
  const made = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module', name: 'stack' });
  made.addEventListener('message', ({ data }: MessageEvent<Answer>) => hear(data));
  made.addEventListener('error', ({ message }) => {
    for (const { reject } of asked.values()) reject(new Error(message || 'the worker could not be started'));
    asked.clear();
  });
  return made;
}

function hear(answer: Answer): void {
  const { ticket } = answer;
  if (answer.type === 'views') {
    if (ticket !== tickets) return;
    pages.set(answer.page, answer.views);
    arrivals.value++;
    return;
  }
  const waiting = asked.get(ticket);
  asked.delete(ticket);
  if (waiting === undefined) return;
  if (answer.type === 'failed') return waiting.reject(new Error(answer.message));
  pages = new Map([[0, answer.views]]);
  wanted.clear();
  wanted.add(0);
  ticketOf = new WeakMap([[answer.recording, ticket]]);
  waiting.resolve(answer.recording);
}
