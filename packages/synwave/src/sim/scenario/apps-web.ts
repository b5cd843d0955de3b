/** Apps of the web: a small server of pages, and who fetches one: HTTP/1.1 as far as one page needs it (RFC 9112). */
import type { App, AppMaker } from './app.ts';
import { octetsOf } from './content.ts';
import type { ReadResult, SocketActor } from './socket-actor.ts';

/** The longest request head that is read; what is longer is answered by 431. */
const LONGEST_HEAD = 8192;

/** What one read takes: so much of it is kept for who looks on. */
const CHUNK = 4096;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly head: string;
  readonly isLast: boolean;
}

interface Answer {
  readonly status: string;
  readonly body: string;
}

/** Serves pages of its own: `/`, `/long` and `/request`; `page` is another text for `/`. The connection stays open unless it is `short`. */
export const http: AppMaker = (settings) => {
  const [page, short] = [settings.text('page', ''), settings.flag('short', false)];
  return (socket, context) => serve(socket, short, (request) => answerTo(request, page, context.siblings.length));
};

/** Fetches `path` of `host`, and closes once the answer is whole. */
export const get: AppMaker = (settings) => {
  const [path, host] = [settings.text('path', '/'), settings.text('host', 'server')];
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return (socket) => {
    const turn = (got: ReadResult): void => {
      if (got instanceof Uint8Array) socket.read(turn, CHUNK);
      else if (got === null) socket.close();
    };
    socket.write(octetsOf({ text: request }), () => socket.read(turn, CHUNK));
  };
};

/** Reads requests, one after the other, and answers each. */
function serve(socket: SocketActor, short: boolean, answer: (request: Request) => Answer): void {
  const decoder = new TextDecoder();
  let text = '';
  const turn = (): void => {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0 && text.length <= LONGEST_HEAD) {
      return socket.read((got) => {
        if (!(got instanceof Uint8Array)) return socket.close();
        text += decoder.decode(got, { stream: true });
        return turn();
      }, CHUNK);
    }
    const request = end < 0 ? null : requestOf(text.slice(0, end));
    text = text.slice(end + 4);
    const said = end < 0 ? tooLong : request === null ? notUnderstood : answer(request);
    const isLast = short || request === null || request.isLast;
    return socket.write(octetsOf({ text: whole(said, request?.method === 'HEAD', isLast) }), () =>
      isLast ? socket.close() : turn(),
    );
  };
  turn();
}

/** Null: this is not HTTP. */
function requestOf(head: string): Request | null {
  const match = /^([A-Z]+) (\S+) HTTP\/1\.([01])(?:\r\n|$)/.exec(head);
  if (match === null) return null;
  const isLast = match[3] === '0' || /^connection: *close *$/im.test(head);
  return { method: match[1] ?? '', path: match[2] ?? '/', head, isLast };
}

/** Head and body; of an answer to HEAD the head alone. */
function whole({ status, body }: Answer, isHead: boolean, isLast: boolean): string {
  const { length } = new TextEncoder().encode(body);
  const lines = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/html; charset=utf-8',
    `Content-Length: ${length}`,
    `Connection: ${isLast ? 'close' : 'keep-alive'}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${isHead ? '' : body}`;
}

function answerTo({ method, path, head }: Request, page: string, open: number): Answer {
  if (method !== 'GET' && method !== 'HEAD') return error('405 Method Not Allowed', `${method} is not served here.`);
  switch (path) {
    case '/':
      return { status: '200 OK', body: page === '' ? welcome(open) : page };
    case '/long':
      return { status: '200 OK', body: long() };
    case '/request':
      return { status: '200 OK', body: framed('Your request', `<pre>${escaped(head)}</pre>`) };
    default:
      return error('404 Not Found', `There is no ${escaped(path)} here. There are /, /long and /request.`);
  }
}

const tooLong: Answer = error('431 Request Header Fields Too Large', 'The head of the request is too long.');
const notUnderstood: Answer = error('400 Bad Request', 'This is not a request of HTTP/1.1.');

function error(status: string, told: string): Answer {
  return { status, body: framed(status, `<p>${told}</p>`) };
}

function welcome(open: number): string {
  return framed(
    'It works · 成功了',
    `<p>This page came to you in TCP segments: the ladder shows them.<br>这个页面是装在 TCP 报文段里送来的，时序图里就是它们。</p>
<p>Connections open here · 这台服务器上的连接数: ${open}</p>`,
  );
}

/** Larger than one segment, and than the first flight of a new connection. */
function long(): string {
  const lines = Array.from({ length: 400 }, (_, i) => `<li>line ${i + 1} of a page that takes many segments</li>`);
  return framed('A long page · 长页面', `<ol>${lines.join('\n')}</ol>`);
}

function framed(title: string, body: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Sends a file of so many octets as soon as it is connected, says with a FIN that this is all, and closes after the peer. */
export function sendFile(octets: Uint8Array): App {
  return (socket) => {
    socket.write(octets, () => socket.shutdown());
    const turn = (got: ReadResult): void => {
      if (got instanceof Uint8Array) socket.read(turn);
      else if (got === null) socket.close();
    };
    socket.read(turn);
  };
}
