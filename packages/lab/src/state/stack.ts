/** The stack, as the page reaches it: in a worker, which is asked and answers. */
import type { Answer, Recording, Request } from '../worker/protocol.ts';
import type { Choice } from './run.ts';
import { keepViews, viewsCame } from './views.ts';

interface Asked {
  readonly resolve: (recording: Recording | null) => void;
  readonly reject: (error: Error) => void;
}

let worker: Worker | null = null;
let tickets = 0;
/** Of the recording that came last: views of others are of no use any more. */
let shown = 0;
const asked: Map<number, Asked> = new Map<number, Asked>();

/** Plays a choice; null: another one was asked for before this one was ready. */
export function played(file: unknown, choice: Choice): Promise<Recording | null> {
  const ticket = ++tickets;
  const { variant, seed, interventions } = choice;
  giveUp();
  return new Promise((resolve, reject) => {
    asked.set(ticket, { resolve, reject });
    ask({ type: 'play', ticket, file, variant, seed, interventions });
  });
}

/** Something else is to be shown than what was asked for last. */
export function giveUp(): void {
  for (const { resolve } of asked.values()) resolve(null);
  asked.clear();
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
    if (ticket === shown) viewsCame(answer.page, answer.views);
    return;
  }
  const waiting = asked.get(ticket);
  asked.delete(ticket);
  if (waiting === undefined) return;
  if (answer.type === 'failed') return waiting.reject(new Error(answer.message));
  shown = ticket;
  keepViews(answer.recording, answer.views, (page) => ask({ type: 'views', ticket, page }));
  waiting.resolve(answer.recording);
}
