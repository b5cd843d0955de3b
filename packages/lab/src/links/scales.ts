/** Scales: the values at which each slider of a link stops, and how they are written. */
import type { Impairments } from 'synwave/sim';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';

export const impairmentNames = ['delay', 'jitter', 'loss', 'rate', 'queue', 'duplicate', 'reorder', 'corrupt'] as const;
export type ImpairmentName = (typeof impairmentNames)[number];

/** A queue that holds whatever comes. */
const NO_BOUND = 1_000_000_000;

const shares = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

const stops: Readonly<Record<ImpairmentName, readonly number[]>> = {
  delay: [0, 1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000].map((ms) => ms * 1000),
  jitter: [0, 1, 5, 10, 20, 50, 100, 200, 500].map((ms) => ms * 1000),
  loss: [...shares, 1],
  rate: [16e3, 64e3, 256e3, 1e6, 2e6, 10e6, 100e6, 1e9, 0],
  queue: [1500, 3000, 8000, 20_000, 64_000, 256_000, NO_BOUND],
  duplicate: shares,
  reorder: shares,
  corrupt: shares,
};

/** What is meant where a link says nothing. */
const usual: Readonly<Record<ImpairmentName, number>> = {
  delay: 0,
  jitter: 0,
  loss: 0,
  rate: 0,
  queue: NO_BOUND,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
};

export function valueOf(impairments: Impairments, name: ImpairmentName): number {
  return impairments[name] ?? usual[name];
}

/** The stops of a slider; the value that a link has now is one of them. */
export function stopsOf(name: ImpairmentName, value: number): readonly number[] {
  const all = stops[name];
  if (all.includes(value)) return all;
  const rank = (each: number): number => (name === 'rate' && each === 0 ? Number.POSITIVE_INFINITY : each);
  return [...all, value].toSorted((a, b) => rank(a) - rank(b));
}

/** What is to be changed for a slider to stand there. */
export function changeOf(name: ImpairmentName, value: number, now: Impairments): Impairments {
  // Without a time by which packets are late, hardly any would be overtaken.
  if (name === 'reorder' && value > 0 && now.reorderBy === undefined) return { reorder: value, reorderBy: 30_000 };
  return { [name]: value };
}

export function valueText(name: ImpairmentName, value: number): string {
  const t = text.value;
  switch (name) {
    case 'delay':
    case 'jitter':
      return value === 0 ? '0' : spanText(value);
    case 'rate':
      return value === 0 ? t.noBound : rateText(value);
    case 'queue':
      return value >= NO_BOUND ? t.noBound : t.octets(value);
    default:
      return `${Number((value * 100).toFixed(2))}%`;
  }
}

function rateText(rate: number): string {
  if (rate >= 1e9) return `${rate / 1e9} Gbit/s`;
  return rate >= 1e6 ? `${rate / 1e6} Mbit/s` : `${rate / 1e3} kbit/s`;
}
