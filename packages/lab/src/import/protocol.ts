/** What the page and the worker that reads captures say to each other. */
import type { Answer as PlayAnswer } from '../worker/protocol.ts';

/** A connection of the capture, for the list. */
export interface ConnectionEntry {
  readonly ends: readonly [string, string];
  /** Of the interface at which it was seen; empty where there is only one. */
  readonly place: string;
  readonly segments: number;
  readonly octets: number;
  /** Microseconds from the capture's first segment to its first, and from that to its last. */
  readonly begins: number;
  readonly lasts: number;
  /** SYN, FIN, RST of all its segments together. */
  readonly flags: number;
}

/** A capture that was read. */
export interface CaptureEntry {
  readonly name: string;
  readonly connections: readonly ConnectionEntry[];
  readonly packets: number;
  /** Packets that are not TCP, or could not be read as such. */
  readonly others: number;
  /** What is wrong with the file; null: nothing. */
  readonly problem: string | null;
}

export type ImportRequest =
  | { readonly type: 'open'; readonly ticket: number; readonly file: File }
  | { readonly type: 'choose'; readonly ticket: number; readonly connection: number }
  | { readonly type: 'views'; readonly ticket: number; readonly page: number };

export type ImportAnswer =
  | { readonly type: 'progress'; readonly ticket: number; readonly part: number }
  | { readonly type: 'opened'; readonly ticket: number; readonly capture: CaptureEntry }
  | PlayAnswer;
