/** The calls of who runs packet scripts: one that tells how a script went, and one for test runners that throws. */
import type { Micros } from '../base/time.ts';
import { LinkType, type Recorder } from '../capture/record.ts';
import { DrillError, ScriptError, Unsupported } from './errors.ts';
import { type Definitions, parseScript } from './parse.ts';
import { type ProfileName, profileFor } from './profile.ts';
import { Runner, type Trace } from './runner.ts';
import type { Script } from './script.ts';
import { settingsOf } from './settings.ts';

export interface RunOptions {
  /** The name that messages call the script by; `script.pkt` by default. */
  readonly name?: string;
  /** How the host under test is set up: by default as the system whose commands the script uses, or else as Linux. */
  readonly profile?: ProfileName;
  readonly seed?: number | string;
  /** Words of the script that stand for others. */
  readonly definitions?: Definitions;
  /** Who takes every packet down. */
  readonly recorder?: Recorder;
}

/** A packet of a run, with its IP header. */
export interface DrillPacket {
  /** Since the script began. */
  readonly time: Micros;
  /** As the host under test sees it. */
  readonly direction: 'in' | 'out';
  readonly octets: Uint8Array;
}

/** How a run ended. `malformed`: the script cannot be read; `unsupported`: it asks for what this runner cannot do. */
export interface DrillResult {
  readonly status: 'passed' | 'failed' | 'malformed' | 'unsupported';
  readonly name: string;
  /** The line that went wrong, from 1; 0 when nothing did. */
  readonly line: number;
  /** `file:line: what`, or ''. */
  readonly message: string;
  /** Virtual time that the run took. */
  readonly time: Micros;
  readonly packets: readonly DrillPacket[];
  /** Steps and packets in their order, packets in the script's own numbers. */
  readonly trace: readonly Trace[];
}

/** Runs a script, in virtual time, and tells how it went. It throws nothing for what the script or the host does wrong. */
export function runScript(script: Script | string, options: RunOptions = {}): DrillResult {
  const { name = typeof script === 'string' ? 'script.pkt' : script.name, seed = 1, recorder } = options;
  const packets: DrillPacket[] = [];
  let runner: Runner | null = null;
  const result = (status: DrillResult['status'], line: number, message: string): DrillResult => ({
    status,
    name,
    line,
    message,
    time: runner?.now ?? 0,
    packets,
    trace: runner?.trace ?? [],
  });
  const witness = recorder === undefined ? null : announce(recorder);
  try {
    const read = typeof script === 'string' ? parseScript(script, name, options.definitions) : script;
    const settings = settingsOf(read, options.profile ?? profileFor(read));
    runner = new Runner({
      script: read,
      settings,
      seed,
      witness: (direction, time, octets) => {
        packets.push({ direction, time, octets });
        witness?.(direction, time, octets);
      },
    });
    runner.run();
    return result('passed', 0, '');
  } catch (error) {
    if (error instanceof ScriptError) return result('malformed', error.line, error.message);
    if (error instanceof DrillError) return result('failed', error.line, error.message);
    if (error instanceof Unsupported) return result('unsupported', lineIn(error.message), error.message);
    throw error;
  }
}

/** For test runners: throws an Error whose message says where, what was expected and what came, unless the script passes. */
export function drill(text: string, options: RunOptions = {}): void {
  const { status, message } = runScript(text, options);
  if (status !== 'passed') throw new Error(message);
}

function lineIn(message: string): number {
  return Number(/:(\d+): /.exec(message)?.[1] ?? 0);
}

function announce(recorder: Recorder): (direction: 'in' | 'out', time: Micros, octets: Uint8Array) => void {
  const id = recorder.addInterface({ name: 'tun0', linkType: LinkType.Raw });
  return (direction, time, octets) => recorder.packet(id, BigInt(Math.round(time)) * 1000n, octets, { direction });
}
