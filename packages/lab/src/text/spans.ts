/** How times and spans are written: as short as they can be told apart. */

/** `20 ms`, `1.5 s`, `2 min`, `2 h`. */
export function spanText(micros: number): string {
  if (micros < 1_000) return `${micros} µs`;
  if (micros < 1_000_000) return `${trimmed(micros / 1_000, 1)} ms`;
  if (micros < 120_000_000) return `${trimmed(micros / 1_000_000, 2)} s`;
  if (micros < 7_200_000_000) return `${trimmed(micros / 60_000_000, 1)} min`;
  return `${trimmed(micros / 3_600_000_000, 1)} h`;
}

/** A time of the run: `0.020`, `61.040`, in seconds. */
export function timeText(micros: number): string {
  return (micros / 1_000_000).toFixed(3);
}

/** A time of the run where there is room for seven figures: the longer it is, the less of its fraction is told, up to `most`. */
export function shortTime(micros: number, most = 3): string {
  const seconds = micros / 1_000_000;
  const whole = String(Math.floor(seconds)).length;
  return seconds.toFixed(Math.min(most, Math.max(0, 6 - whole)));
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
