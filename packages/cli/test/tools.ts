/** What the tests of the command share: runs without a terminal, and plain looks. */
import { type Run, run, type Settings } from '../src/handshake/run.ts';
import type { Look } from '../src/ladder/render.ts';

/** A run over the default cable, except for what is told. */
export function runOf(content: string | number, settings: Partial<Settings> = {}): Promise<Run> {
  const octets = typeof content === 'string' ? new TextEncoder().encode(content) : pattern(content);
  const link = { delay: 20_000, ...settings.link };
  return run({ seed: 7, profile: 'rfc', capture: null, ...settings, content: octets, link });
}

/** So many octets, of which no two neighbouring blocks are the same. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

/** Without colours. */
export function plainLook(look: Partial<Look> = {}): Look {
  return { width: 80, ascii: false, verbose: false, paint: (_tone, text) => text, ...look };
}
