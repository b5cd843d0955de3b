/** Units as scenario files write them, `40 ms`, `10 Mbit/s`, `2%`, and as the simulator counts. */
import { MILLISECOND, MINUTE, type Micros, SECOND } from '../../base/time.ts';

const spans: Readonly<Record<string, Micros>> = {
  us: 1,
  µs: 1,
  ms: MILLISECOND,
  s: SECOND,
  min: MINUTE,
  h: 60 * MINUTE,
};

const rates: Readonly<Record<string, number>> = { 'bit/s': 1, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9 };

/** `40 ms`, `1.5 s`, `2 min`, `2 h`, `0`; null for anything else. Whole microseconds. */
export function parseSpan(text: string): Micros | null {
  const amount = measured(text, spans);
  return amount === null ? null : Math.round(amount);
}

/** `10 Mbit/s` as bits per second; null for anything else. */
export function parseRate(text: string): number | null {
  return measured(text, rates);
}

/** `2%` as 0.02; null for anything else. */
export function parsePercent(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  const percent = Number(match?.[1]);
  return percent >= 0 && percent <= 100 ? percent / 100 : null;
}

/** The shortest way to write a span: `40 ms`, `1.5 s`, `4 min`. */
export function spanText(span: Micros): string {
  if (span === 0) return '0';
  const units = ['h', 'min', 's', 'ms', 'us'] as const;
  for (const unit of units) {
    const amount = span / (spans[unit] as number);
    if (amount >= 1 && Number.isInteger(Math.round(amount * 1000) / 10)) return `${amount} ${unit}`;
  }
  return `${span} us`;
}

function measured(text: string, units: Readonly<Record<string, number>>): number | null {
  if (text === '0') return 0;
  const match = /^(\d+(?:\.\d+)?) ?([a-zµA-Z/]+)$/.exec(text);
  const unit = match?.[2] ?? '';
  return Object.hasOwn(units, unit) ? Number(match?.[1]) * (units[unit] as number) : null;
}
