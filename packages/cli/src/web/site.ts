/** A folder as a web site: GET and HEAD of its files, and PUT where uploads are wanted. */
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { listing } from './listing.ts';
import { namesOf, newPlaceIn, placeIn } from './place.ts';
import { rangeOf } from './range.ts';
import { typeOf } from './types.ts';

export interface Site {
  /** Absolute, with no link in it. */
  readonly folder: string;
  /** Where PUT goes; null: nowhere. */
  readonly upload: string | null;
}

/** Octets that are read at once: reading is to cost less than sending. */
const CHUNK = 1 << 20;

let uploads = 0;

/** Answers a request. Never rejects: what goes wrong is the answer, or ends the connection. */
export async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await respond(site, request, response);
  } catch (error) {
    if (response.headersSent) response.destroy(error as Error);
    else plain(response, (error as NodeJS.ErrnoException).code === 'EACCES' ? 403 : 500);
  }
}

async function respond(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '/' } = request;
  const names = namesOf(url);
  if (names === null) plain(response, 400);
  else if (method === 'GET' || method === 'HEAD') await send(site, names, request, response);
  else if (method === 'PUT' && site.upload !== null) await receive(site.upload, names, request, response);
  else plain(response.setHeader('allow', site.upload === null ? 'GET, HEAD' : 'GET, HEAD, PUT'), 405);
}

async function send(
  site: Site,
  names: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const place = await placeIn(site.folder, names);
  const found = place === null ? null : await stat(place);
  if (place === null || found === null) return plain(response, 404);
  if (found.isFile()) return names.at(-1) === '' ? plain(response, 404) : sendFile(place, found, request, response);
  if (!found.isDirectory()) return plain(response, 403); // a pipe would never end
  const isRoot = names.every((name) => name === '');
  if (!isRoot && names.at(-1) !== '') {
    const [path = ''] = (request.url ?? '').split('?', 1);
    // Two slashes in front would name another host.
    return plain(response.setHeader('location', `/${path.replace(/^\/+/, '')}/`), 301);
  }
  const index = await placeIn(site.folder, [...names, 'index.html']);
  const about = index === null ? null : await stat(index);
  if (index !== null && about?.isFile() === true) return sendFile(index, about, request, response);
  const page = Buffer.from(await listing(place, names));
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length });
  response.end(request.method === 'HEAD' ? undefined : page);
}

async function sendFile(path: string, found: Stats, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { size, mtime } = found;
  const tag = `W/"${size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`;
  const modified = mtime.toUTCString();
  response.setHeader('etag', tag);
  response.setHeader('last-modified', modified);
  response.setHeader('accept-ranges', 'bytes');
  if (isKnown(request, tag, mtime)) return void response.writeHead(304).end();
  const { range: asked, 'if-range': unless } = request.headers;
  const range = unless === undefined || unless === modified ? rangeOf(asked, size) : 'whole';
  if (range === 'none') return plain(response.setHeader('content-range', `bytes */${size}`), 416);
  const [from, to] = range === 'whole' ? [0, size - 1] : [range.from, range.to];
  if (range !== 'whole') response.setHeader('content-range', `bytes ${from}-${to}/${size}`);
  const length = to - from + 1;
  response.writeHead(range === 'whole' ? 200 : 206, { 'content-type': typeOf(path), 'content-length': length });
  if (request.method === 'HEAD' || length === 0) return void response.end();
  await pipeline(createReadStream(path, { start: from, end: to, highWaterMark: CHUNK }), response);
}

/** RFC 9110 §13.1: whether the client has this very file. */
function isKnown({ headers }: IncomingMessage, tag: string, mtime: Date): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined)
    return tags === '*' || tags.split(/\s*,\s*/).some((each) => each.replace(/^W\//, '') === tag.slice(2));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(mtime.getTime() / 1000) * 1000 <= since;
}

/** A file appears under its name when all of it is there. */
async function receive(
  folder: string,
  names: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // RFC 9110 §14.5: a part of a file is no file.
  if (request.headers['content-range'] !== undefined) return plain(response, 400);
  const place = await newPlaceIn(folder, names);
  if (place === null) return plain(response, 404);
  const before = await stat(place).catch(() => null);
  if (before !== null && !before.isFile()) return plain(response, 409);
  const unfinished = join(folder, `.synwave-upload-${process.pid}-${uploads++}`);
  try {
    await pipeline(request, createWriteStream(unfinished, { flags: 'wx', highWaterMark: CHUNK }));
    await rename(unfinished, place);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  plain(response, before === null ? 201 : 204);
}

const reasons: Readonly<Record<number, string>> = {
  201: 'Created',
  301: 'Moved',
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'A folder stands there',
  416: 'Range not satisfiable',
  500: 'Something went wrong here',
};

function plain(response: ServerResponse, status: number): void {
  const text = `${reasons[status] ?? ''}\n`;
  // What is left of a request that was refused would have to be read before the next one.
  if (status >= 400 && !response.req.complete && response.req.method !== 'GET')
    response.setHeader('connection', 'close');
  if (status === 204) response.writeHead(204).end();
  else {
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    response.end(response.req.method === 'HEAD' ? undefined : text);
  }
}
