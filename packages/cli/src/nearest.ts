/** The name that a mistyped one was perhaps meant for. */

/** The nearest of `names`, by letters added, left out, changed or swapped; null: none is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const each of names) {
    // Who has typed a part of it is told the whole.
    const part = name.length > 2 ? distanceOf(name, each.slice(0, name.length)) + 1 : Number.POSITIVE_INFINITY;
    const distance = Math.min(distanceOf(name, each), part);
    if (distance < least) [best, least] = [each, distance];
  }
  return best;
}

/** Optimal string alignment. */
function distanceOf(a: string, b: string): number {
  let older: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + same,
          swapped ? (older[j - 2] as number) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [older, row] = [row, next];
  }
  return row[b.length] as number;
}
