/** The conformance scripts: their names, by folder and file, and their texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER: string = fileURLToPath(new URL('../../conformance', import.meta.url));

export interface ConformanceScript {
  /** `handshake/active-open.pkt`. */
  readonly name: string;
  readonly text: string;
}

export const scripts: readonly ConformanceScript[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.pkt'))
  .map((path) => join(FOLDER, path))
  .sort()
  .map((path) => ({ name: relative(FOLDER, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
