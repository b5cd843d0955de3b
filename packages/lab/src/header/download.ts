/** Download: the packets of the run that is shown, as a capture that other tools read. */

import { recording } from '../state/run.ts';
import type { Recording } from '../worker/protocol.ts';
import { captureOf } from './capture.ts';

/** Hands the capture to the reader as a file. */
export async function download(): Promise<void> {
  const run = recording.value;
  if (run === null) return;
  const blob = new Blob(await captureOf(run), { type: 'application/octet-stream' });
  save(blob, `${nameOf(run)}.pcapng`);
}

/** Hands something to the reader as a file. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function nameOf({ id, variant, capture }: Recording): string {
  if (capture !== null) return `${capture.file.replace(/\.[^.]*$/, '')}-${capture.connection + 1}`;
  return variant === null ? id : `${id}-${variant}`;
}
