/** Client: opens captures for the page, by a worker that is started with the first one. */
import { type Signal, signal } from '@preact/signals';
import { reading } from '../header/files.ts';
import { closeOverlay, openOverlay } from '../state/overlay.ts';
import { pause } from '../state/playing.ts';
import { failure, showRecording } from '../state/run.ts';
import { keepViews, viewsCame } from '../state/views.ts';
import { text } from '../text/texts.ts';
import type { CaptureEntry, ImportAnswer, ImportRequest } from './protocol.ts';

/** The capture that was opened last. */
export const capture: Signal<CaptureEntry | null> = signal(null);

let worker: Worker | null = null;
let tickets = 0;
/** The file that is being read. */
let name = '';

/** Reads a file; shows its connection, or a list of them where there are several. What fails is told by `failure`. */
export function openCapture(file: File): void {
  pause();
  name = file.name;
  reading.value = 0;
  failure.value = null;
  ask({ type: 'open', ticket: ++tickets, file });
}

/** Shows one of its connections, by its number. */
export function chooseConnection(connection: number): void {
  closeOverlay();
  ask({ type: 'choose', ticket: ++tickets, connection });
}

function ask(request: ImportRequest): void {
  worker ??= start();
  worker.postMessage(request);
}

function start(): Worker {
  const made = new Worker(new URL('./importer.ts', import.meta.url), { type: 'module', name: 'captures' });
  made.addEventListener('message', ({ data }: MessageEvent<ImportAnswer>) => hear(data));
  made.addEventListener('error', ({ message }) => fail(message || 'the worker could not be started'));
  return made;
}

function hear(answer: ImportAnswer): void {
  const { ticket } = answer;
  if (ticket !== tickets) return; // something else was asked for meanwhile
  switch (answer.type) {
    case 'progress':
      reading.value = answer.part;
      return;
    case 'failed':
      return fail(answer.message);
    case 'views':
      return viewsCame(answer.page, answer.views);
    case 'played':
      keepViews(answer.recording, answer.views, (page) => ask({ type: 'views', ticket, page }));
      return showRecording(answer.recording);
    default:
      return take(answer.capture);
  }
}

function fail(message: string): void {
  reading.value = null;
  failure.value = text.value.capture.unreadable(name, message);
}

function take(opened: CaptureEntry): void {
  reading.value = null;
  const { connections, packets, problem } = opened;
  if (connections.length === 0) {
    const { none, unreadable } = text.value.capture;
    failure.value = problem === null ? none(name, packets) : unreadable(name, problem);
    return;
  }
  capture.value = opened;
  if (connections.length === 1 && problem === null) chooseConnection(0);
  else openOverlay('connections');
}
