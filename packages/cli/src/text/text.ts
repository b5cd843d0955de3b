/** Text: what the command says, in whichever language. One object for each holds all of it. */

import type { MessageCounters } from 'synwave';
import type { RefusalReason } from 'synwave/net';
import type { Refusal } from 'synwave/ws';

/** What became of a segment on its way, or why it is sent a second time: a word or two beside the arrow. */
interface Marks {
  readonly lost: string;
  readonly corrupt: string;
  readonly twice: string;
  readonly late: string;
  readonly timeout: string;
  readonly probe: string;
  readonly again: string;
  /** By the receiver's stack. */
  readonly thrown: string;
}

export interface Text {
  readonly time: string;
  readonly client: string;
  readonly server: string;
  /** Titles of the three parts of a connection's life. */
  readonly opening: string;
  readonly data: string;
  readonly closing: string;
  /** At most 12 columns wide, as are the marks: they stand where states stand. */
  readonly tcbCreated: string;
  readonly tcbDeleted: string;
  readonly marks: Marks;
  /** Where states stand. */
  readonly hostMoves: Readonly<Record<'crashes' | 'boots' | 'pauses' | 'resumes', string>>;
  readonly cableMoves: Readonly<Record<'unplugged' | 'plugged' | 'changed', string>>;
  /** Beside FIN-WAIT-2. */
  readonly halfClosed: string;
  /** Beside the CLOSED that follows TIME-WAIT; `span` is 2MSL. */
  readonly waited: (span: string) => string;
  readonly octets: (count: number) => string;
  /** The one row for many segments with text and the ACKs among them. */
  readonly folded: (segments: number, octets: number, acks: number) => string;
  /** Below the ladder: where each side's numbers begin. */
  readonly initialNumbers: (client: string, server: string) => string;
  readonly sent: (octets: number, segments: number, again: number, lost: number) => string;
  readonly same: (sha256: string) => string;
  /** How many steps of a scenario came. */
  readonly stepsSeen: (seen: number, of: number) => string;
  /** Below the list of scenarios. */
  readonly runHint: string;
  readonly captured: (packets: number, path: string) => string;
  /** Of an exploration, on the progress line. */
  readonly runsMade: (runs: number, of: number) => string;
  readonly runsRate: (perSecond: number) => string;
  /** What an exploration came to, and one of its failures. */
  readonly explored: (runs: number, of: number, failed: number) => string;
  readonly runFails: (run: number, seed: number, message: string) => string;
  readonly fewest: (events: number, of: number) => string;
  readonly failsThen: (message: string) => string;
  readonly notRepeated: string;
  readonly repeatsIt: string;
  /** How the scenario of a program went. */
  readonly programFails: (seconds: string, message: string) => string;
  readonly programEnds: (seconds: string) => string;
  /** The last word of the progress line, of about so many seconds left. */
  readonly left: (clock: string) => string;
  /** What a server tells of itself and of its clients. */
  readonly serving: (service: string, address: string, link: string) => string;
  readonly connected: (peer: string) => string;
  readonly disconnected: (peer: string, received: number, sent: number) => string;
  readonly refused: (peer: string, reason: RefusalReason) => string;
  /** Who is not on this machine, and has no business there. */
  readonly stranger: (peer: string) => string;
  readonly runs: (peer: string, command: string) => string;
  /** What a relay tells of itself and of who calls; `device` null: there is none. */
  readonly relaying: (url: string, device: string | null, kernel: string) => string;
  readonly joins: (caller: string) => string;
  readonly leaves: (caller: string, addresses: readonly string[], counters: MessageCounters) => string;
  readonly turnedAway: (refusal: Refusal) => string;
  /** After the first Ctrl-C. */
  readonly draining: string;
  /** Where the page is. */
  readonly labServed: (url: string) => string;
  readonly help: string;
  readonly helpHandshake: string;
  readonly helpRun: string;
  readonly helpExplore: string;
  readonly helpPing: string;
  readonly helpTraceroute: string;
  readonly helpServe: string;
  readonly helpNc: string;
  readonly helpLab: string;
  readonly helpDump: string;
  readonly helpSs: string;
  readonly helpCompletion: string;
  /** No process has a control socket. */
  readonly nobodyRuns: string;
  readonly helpExec: string;
  readonly helpBench: string;
  readonly helpRelay: string;
  /** How many packet scripts passed, and how many did not. */
  readonly drilled: (passed: number, failed: number) => string;
}

/** Thousands parted by commas, as both languages have it. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
