/** Files: what is served of the page's folder, and nothing that lies outside of it. */
import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.md': 'text/plain; charset=utf-8',
};

/** Answers a request by a file of the folder, or by 404. */
export function answerFile(folder: string, { method, url = '/' }: IncomingMessage, response: ServerResponse): void {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = fileOf(folder, url);
  const size = path === null ? null : sizeOf(path);
  if (path === null || size === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  response.writeHead(200, {
    'content-type': types[extname(path)] ?? 'application/octet-stream',
    'content-length': size,
    // The names of all but the page itself hold a digest of what is in them.
    'cache-control': path.endsWith('.html') ? 'no-cache' : 'max-age=31536000, immutable',
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** The file that a URL names; null: none, or one outside of the folder. */
function fileOf(folder: string, url: string): string | null {
  try {
    const { pathname } = new URL(url, 'http://localhost');
    const name = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (name.includes('\0')) return null;
    const path = normalize(join(folder, name));
    return path.startsWith(normalize(folder)) ? path : null;
  } catch {
    return null; // an escape that is none
  }
}

function sizeOf(path: string): number | null {
  const about = statSync(path, { throwIfNoEntry: false });
  return about?.isFile() === true ? about.size : null;
}
