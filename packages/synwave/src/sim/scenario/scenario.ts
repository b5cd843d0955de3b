/** Scenario: hosts, cables, what their programs do, what goes wrong, and the steps in which it is told: one data file. */
import type { Micros } from '../../base/time.ts';
import type { Fault, Impairments } from '../../link/impair.ts';
import type { profiles, TcpConfig } from '../../tcp/config.ts';
import type { Matcher } from '../match.ts';
import type { EventPattern } from './pattern.ts';
import type { Words } from './words.ts';

/** One host. */
export interface HostPlan {
  readonly name: string;
  /** What a reader sees instead of the name: `客户端 A`. */
  readonly title: Words | null;
  readonly config: Partial<TcpConfig>;
}

/** One cable. */
export interface LinkPlan {
  readonly between: readonly [string, string];
  readonly mtu: number;
  readonly impairments: Impairments;
  /** What is different for packets from the second host to the first. */
  readonly back: Impairments;
}

/** When something is done: at a time of the run, or when something happened, and so much later. */
export type When =
  | { readonly type: 'at'; readonly time: Micros }
  | { readonly type: 'on'; readonly pattern: EventPattern; readonly after: Micros };

/** What a program does with the connections of a listener, or with its own: see `apps.ts`. */
export interface AppPlan {
  readonly name: string;
  /** Octets, times and choices that the program takes. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** Octets to send: so many, or these. */
export type Content = { readonly octets: number } | { readonly text: string };

/** What can be asked of a host's programs, of the host, of a cable. `as`: how the file calls a socket; `socket`: which one. */
export type Deed =
  | {
      readonly do: 'listen';
      readonly port: number;
      readonly as: string;
      readonly backlog: number | null;
      readonly synBacklog: number | null;
      readonly app: AppPlan | null;
      readonly config: Partial<TcpConfig>;
    }
  | { readonly do: 'accept'; readonly socket: string; readonly as: string; readonly app: AppPlan | null }
  | {
      readonly do: 'connect';
      readonly to: string;
      readonly port: number;
      readonly from: number;
      readonly as: string;
      readonly app: AppPlan | null;
      readonly config: Partial<TcpConfig>;
    }
  | {
      readonly do: 'write';
      readonly socket: string;
      readonly content: Content;
      readonly times: number;
      readonly every: Micros;
    }
  | { readonly do: 'read'; readonly socket: string; readonly octets: number }
  | { readonly do: 'read-all' | 'stop-reading' | 'shutdown' | 'close' | 'abort'; readonly socket: string }
  | {
      readonly do: 'set';
      readonly socket: string;
      readonly noDelay: boolean | null;
      readonly keepAlive: boolean | null;
    }
  | { readonly do: 'bind'; readonly port: number; readonly as: string }
  | {
      readonly do: 'send';
      readonly socket: string;
      readonly to: string;
      readonly port: number;
      readonly content: Content;
      readonly times: number;
      readonly every: Micros;
    }
  | { readonly do: 'crash' | 'boot' | 'pause' | 'resume' }
  | { readonly do: 'unplug' | 'plug'; readonly peer: string | null }
  | { readonly do: 'link'; readonly peer: string | null; readonly impairments: Impairments }
  | {
      readonly do: 'flood';
      readonly to: string;
      readonly port: number;
      readonly count: number;
      readonly every: Micros;
    }
  | { readonly do: 'answer-for'; readonly host: string };

export type DeedName = Deed['do'];

/** Deeds that befall a host or its cables; the others are done by the host's programs. */
const befalling = ['crash', 'boot', 'pause', 'resume', 'unplug', 'plug', 'link', 'flood', 'answer-for'] as const;

export type ProgramDeed = Exclude<Deed, { readonly do: (typeof befalling)[number] }>;

/** Whether a host's programs do it. */
export function isProgramDeed(deed: Deed): deed is ProgramDeed {
  return !befalling.some((each) => each === deed.do);
}

export interface Action {
  readonly when: When;
  /** The host. */
  readonly who: string;
  readonly deed: Deed;
}

/** What is to become of a packet. */
export interface FaultPlan {
  readonly match: Matcher;
  readonly fault: Fault;
}

/** One step that is told: the event that it waits for, and three short texts. */
export interface StepPlan {
  readonly on: EventPattern;
  /** Which of such events since the step before, from 1. */
  readonly nth: number;
  readonly what: Words;
  readonly why: Words;
  readonly notice: Words | null;
  /** `9293 §3.5`. */
  readonly rfc: string | null;
}

/** A question before a decisive step. */
export interface Prediction {
  /** The number of the step that answers it, from 1. */
  readonly before: number;
  readonly question: Words;
  readonly answers: readonly Words[];
  /** Which answer is right, from 0. */
  readonly right: number;
  readonly because: Words;
}

/** What tutorials say, and what is right. */
export interface Misconception {
  readonly said: Words;
  readonly right: Words;
  readonly rfc: string;
}

/** What an interviewer asks. */
export interface Question {
  readonly question: Words;
  readonly answer: Words;
}

/** What the reader is to bring about, and how it is seen that they have. */
export interface Challenge {
  readonly task: Words;
  readonly hint: Words | null;
  readonly goal: EventPattern | null;
}

/** What runs. */
export interface Plot {
  readonly seed: number | string;
  readonly profile: keyof typeof profiles;
  readonly config: Partial<TcpConfig>;
  readonly hosts: readonly HostPlan[];
  readonly links: readonly LinkPlan[];
  readonly script: readonly Action[];
  readonly faults: readonly FaultPlan[];
  readonly steps: readonly StepPlan[];
  /** What must not happen. */
  readonly never: readonly EventPattern[];
  /** When the run ends; null: when nothing is left to happen. */
  readonly until: Micros | null;
}

/** A choice inside a scenario: the same, but for what it says itself. */
export interface Variant {
  readonly id: string;
  readonly title: Words;
  readonly plot: Plot;
}

export interface Scenario {
  readonly id: string;
  /** Its place in the list, from 1; null for one that is in no list. */
  readonly number: number | null;
  readonly title: Words;
  /** What is seen, in one sentence. */
  readonly summary: Words;
  readonly plot: Plot;
  readonly variants: readonly Variant[];
  readonly predict: readonly Prediction[];
  readonly misconceptions: readonly Misconception[];
  readonly questions: readonly Question[];
  readonly challenge: Challenge | null;
}

/** The plot of a scenario, or of one of its variants. Throws RangeError, which names those that there are. */
export function plotOf(scenario: Scenario, variant: string | null): Plot {
  if (variant === null) return scenario.plot;
  const found = scenario.variants.find(({ id }) => id === variant);
  if (found !== undefined) return found.plot;
  const known = scenario.variants.map(({ id }) => id).join(', ') || 'none';
  throw new RangeError(`scenario ${scenario.id} has no variant ${variant}; it has: ${known}`);
}
