/** Program: the lines of a scenario's script that a host's programs do, without what befalls hosts and cables. */
import { isProgramDeed } from 'synwave/sim';
import type { Recording, ScriptLine } from '../worker/protocol.ts';

/** `when`: empty at the beginning of the run. */
export function programLines(run: Recording, host: string): ScriptLine[] {
  return run.script
    .filter(({ who, deed }) => who === host && isProgramDeed(deed))
    .map((line) => ({ ...line, when: /^0\b/.test(line.when) ? '' : line.when }));
}

/** A host's first address. */
export function addressOf(run: Recording, name: string): string {
  return run.hosts.find((host) => host.name === name)?.addresses[0] ?? name;
}
