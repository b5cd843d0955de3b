/** The worker that reads captures, in pieces, so that neither a large file nor a strange one holds up the page. */
import { readCapture } from 'synwave/pcapng';
import { PAGE } from '../worker/protocol.ts';
import type { CaptureEntry, ImportAnswer, ImportRequest } from './protocol.ts';
import { recordingOf, type Shown } from './recording.ts';
import { type Stream, streamsOf } from './streams.ts';

/** Larger files do not fit into a page. */
const MOST_OCTETS = 512 * 1024 * 1024;

interface Opened {
  readonly entry: CaptureEntry;
  readonly streams: readonly Stream[];
}

let opened: Opened | null = null;
let shown: { readonly ticket: number; readonly run: Shown } | null = null;

/** The names of a worker that are used here; the page's types are those of a window. */
const scope = globalThis as unknown as {
  onmessage: ((message: MessageEvent<ImportRequest>) => void) | null;
  postMessage(answer: ImportAnswer, transfer?: readonly Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  answer(data).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: 'failed', ticket: data.ticket, message });
  });
};

async function answer(request: ImportRequest): Promise<void> {
  const { ticket } = request;
  if (request.type === 'open') {
    const { file } = request;
    const octets = await readFile(file, (part) => scope.postMessage({ type: 'progress', ticket, part }));
    opened = open(file.name, octets);
    scope.postMessage({ type: 'opened', ticket, capture: opened.entry });
    return;
  }
  if (request.type === 'views') {
    const { page } = request;
    if (shown?.ticket !== ticket) return;
    scope.postMessage({ type: 'views', ticket, page, views: shown.run.views(page * PAGE, (page + 1) * PAGE) });
    return;
  }
  const stream = opened?.streams[request.connection];
  const entry = opened?.entry.connections[request.connection];
  if (opened === null || stream === undefined || entry === undefined) throw new RangeError('no such connection');
  const run = recordingOf(stream, {
    file: opened.entry.name,
    connection: request.connection,
    connections: opened.streams.length,
    place: entry.place,
  });
  shown = { ticket, run };
  const buffer = run.recording.packets[0]?.octets.buffer;
  const transfer = buffer === undefined ? [] : [buffer];
  scope.postMessage(
    { type: 'played', ticket, recording: run.recording, views: run.views(0, PAGE) },
    transfer as ArrayBuffer[],
  );
}

/** Piece by piece, into one buffer; `progress` hears how far it has come, from 0 to 1. */
async function readFile(file: File, progress: (part: number) => void): Promise<Uint8Array> {
  if (file.size > MOST_OCTETS) throw new RangeError(`${file.name}: ${file.size} octets are more than a page can hold`);
  const octets = new Uint8Array(file.size);
  const reader = file.stream().getReader();
  let at = 0;
  let told = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return octets.subarray(0, at);
    octets.set(value, at);
    at += value.length;
    if (at - told >= 4 * 1024 * 1024) {
      told = at;
      progress(at / file.size);
    }
  }
}

/** Throws a CaptureError for what is no capture at all. */
function open(name: string, octets: Uint8Array): Opened {
  const capture = readCapture(octets);
  const { streams, packets, others, problem } = streamsOf(octets, capture);
  const places = new Set(streams.map(({ interfaceId }) => interfaceId));
  const connections = streams.map((stream) => {
    const { ends, interfaceId, length, octets: carried, flags } = stream;
    const begins = stream.time(0);
    const described = capture.interfaces[interfaceId]?.name ?? '';
    const place = described === '' ? `#${interfaceId}` : described;
    return {
      ends,
      place: places.size > 1 ? place : '',
      segments: length,
      octets: carried,
      begins,
      lasts: stream.time(length - 1) - begins,
      flags,
    };
  });
  return { entry: { name, connections, packets, others, problem }, streams };
}
