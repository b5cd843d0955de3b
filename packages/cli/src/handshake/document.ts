/** The JSON document of a run: everything that the ladder shows, in numbers. */
import { SECOND } from 'synwave';
import { offset, type SegmentStep, type Side } from './recording.ts';
import type { Run } from './run.ts';

/** A sequence number: as in the header, and counted from the initial one of its side. */
interface Numbered {
  readonly relative: number;
  readonly raw: number;
}

interface SegmentDocument {
  /** Seconds. */
  readonly t: number;
  readonly from: Side;
  readonly to: Side;
  readonly flags: readonly string[];
  readonly seq: Numbered;
  readonly ack: Numbered;
  /** Octets of text. */
  readonly len: number;
  /** Octets, after scaling. */
  readonly win: number;
  /** As tcpdump prints them. */
  readonly options: string;
  readonly dropped: boolean;
}

export interface HandshakeDocument {
  readonly segments: readonly SegmentDocument[];
  readonly states: Readonly<Record<Side, readonly string[]>>;
  /** Octets that reached the server's program. */
  readonly bytes: number;
  readonly sha256: { readonly sent: string; readonly received: string };
  /** The path of the capture; null without one. */
  readonly capture: string | null;
}

export function documentOf(run: Run, capture: string | null): HandshakeDocument {
  const { recording, bytes, sha256 } = run;
  const { initial, states } = recording;
  const segments = recording.steps.filter((step) => step.kind === 'segment');
  return { segments: segments.map((step) => segmentOf(step, initial)), states, bytes, sha256, capture };
}

function segmentOf(step: SegmentStep, initial: Readonly<Record<Side, number | null>>): SegmentDocument {
  const { time, from, flags, seq, ack, len, win, options, dropped } = step;
  const to = from === 'client' ? 'server' : 'client';
  const hasAck = flags.includes('ACK');
  return {
    t: time / SECOND,
    from,
    to,
    flags,
    seq: { relative: offset(seq, initial[from] ?? seq), raw: seq },
    ack: hasAck ? { relative: offset(ack, initial[to] ?? ack), raw: ack } : { relative: 0, raw: 0 },
    len,
    win,
    options,
    dropped: dropped !== null,
  };
}
