/** The package `ws`: the one file that imports it. */
import { createRequire } from 'node:module';
import type { WebSocket, WebSocketServer } from 'ws';
import { LinkError } from '../../link/link-error.ts';

interface Module {
  readonly WebSocket: typeof WebSocket;
  readonly WebSocketServer: typeof WebSocketServer;
}

let found: Module | null = null;

/** Throws LinkError where it is not installed. */
export function wsModule(): Module {
  try {
    found ??= createRequire(import.meta.url)('ws') as Module;
    return found;
  } catch (error) {
    const { code = 'ENOTSUP' } = error as NodeJS.ErrnoException;
    throw new LinkError(code, 'links over WebSockets need the package ws: npm install ws');
  }
}
