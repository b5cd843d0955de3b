/** What the page and its worker say to each other: plain values, so that they can be handed over. */
import type {
  ConnectionRef,
  Deed,
  Fault,
  HostView,
  Impairments,
  Intervention,
  Misconception,
  PacketRecord,
  Prediction,
  Question,
  RunEvent,
  StepSeen,
  Words,
} from 'synwave/sim';

/** A moment of a run, with what is needed to go on from it in another way. */
export interface MomentRecord {
  readonly time: number;
  readonly host: string | null;
  readonly events: readonly RunEvent[];
  /** Events of the world that had happened at its end. */
  readonly worldEvents: number;
}

interface HostRecord {
  readonly name: string;
  readonly title: Words | null;
  readonly addresses: readonly string[];
}

export interface StepText {
  readonly on: string;
  readonly what: Words;
  readonly why: Words;
  readonly notice: Words | null;
  readonly rfc: string | null;
}

/** The texts of a scenario, or of its variant. */
export interface Tale {
  readonly title: Words;
  readonly summary: Words;
  readonly steps: readonly StepText[];
  readonly predict: readonly Prediction[];
  readonly misconceptions: readonly Misconception[];
  readonly questions: readonly Question[];
  readonly challenge: { readonly task: Words; readonly hint: Words | null } | null;
}

/** What is done in a scenario, and when, in words. */
export interface ScriptLine {
  readonly when: string;
  readonly who: string;
  readonly deed: Deed;
}

/** The congestion window of a connection each time that it changed: time, cwnd, ssthresh (0: there is none yet). */
export interface WindowSeries {
  readonly host: string;
  readonly connection: ConnectionRef;
  readonly points: readonly (readonly [number, number, number])[];
}

export interface LinkRecord {
  readonly between: readonly [string, string];
  /** How events call its cable. */
  readonly name: string;
  /** What it does to packets at the beginning, both ways. */
  readonly impairments: Impairments;
}

/** A run that was played whole. */
export interface Recording {
  readonly id: string;
  readonly variant: string | null;
  readonly seed: number | string;
  readonly interventions: readonly Intervention[];
  readonly hosts: readonly HostRecord[];
  readonly links: readonly LinkRecord[];
  readonly moments: readonly MomentRecord[];
  /** The hosts before anything has happened. */
  readonly initial: readonly HostView[];
  readonly packets: readonly PacketRecord[];
  /** The sockets that each host's programs had in the end, by name. */
  readonly names: Readonly<
    Record<string, { readonly sockets: readonly string[]; readonly listeners: readonly string[] }>
  >;
  readonly tale: Tale;
  readonly script: readonly ScriptLine[];
  readonly windows: readonly WindowSeries[];
  readonly steps: readonly StepSeen[];
  /** What is wrong with the steps as assertions; null: nothing. */
  readonly problem: string | null;
  /** The moment at which the challenge's goal was reached; null: not, or there is none. */
  readonly goalAt: number | null;
  readonly hasGoal: boolean;
  readonly end: number;
  /** Whether the run was cut for its length. */
  readonly cut: boolean;
  /** Where it was not played here, but read from a capture: nothing can be done to it, and states are inferred. */
  readonly capture: CaptureSource | null;
}

/** A connection of a capture. */
interface CaptureSource {
  /** The file's name. */
  readonly file: string;
  /** Which of its connections, from 0, and how many it has. */
  readonly connection: number;
  readonly connections: number;
  /** What stands out, in a few characters, by the packet's number. */
  readonly marks: Readonly<Record<number, Words>>;
}

/** What a viewer does at a moment: the worker makes an intervention of it. */
export type Act =
  | { readonly type: 'packet'; readonly packet: number; readonly fault: Fault }
  | {
      readonly type: 'deed';
      readonly moment: number;
      readonly time: number;
      readonly who: string;
      readonly deed: Deed;
    };

interface PlayRequest {
  readonly type: 'play';
  /** Answers name it. */
  readonly ticket: number;
  /** The JSON value of a scenario file. */
  readonly file: unknown;
  readonly variant: string | null;
  readonly seed: number | string | null;
  readonly interventions: readonly Intervention[];
}

interface ViewsRequest {
  readonly type: 'views';
  readonly ticket: number;
  readonly page: number;
}

export type Request = PlayRequest | ViewsRequest;

/** Moments whose views come together. */
export const PAGE = 256;

export type Answer =
  | {
      readonly type: 'played';
      readonly ticket: number;
      readonly recording: Recording;
      readonly views: readonly (readonly HostView[])[];
    }
  | {
      readonly type: 'views';
      readonly ticket: number;
      readonly page: number;
      readonly views: readonly (readonly HostView[])[];
    }
  | { readonly type: 'failed'; readonly ticket: number; readonly message: string };
