/** Counters: a row of named numbers that only go up, counted by place so that counting costs an addition. */

/** One counter for each name; `Drop` and the like are the places. Doubles: exact to 2^53. */
export class Counters<Name extends string> {
  private readonly names: readonly Name[];
  private readonly values: Float64Array;

  constructor(names: readonly Name[]) {
    this.names = names;
    this.values = new Float64Array(names.length);
  }

  /** Adds `by` to the counter at `index`. A place that no name has counts nothing. */
  count(index: number, by = 1): void {
    (this.values[index] as number) += by;
  }

  /** What the counter at `index` stands at. */
  get(index: number): number {
    return this.values[index] as number;
  }

  /** Every counter under its name, as a copy. */
  toObject(): Record<Name, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.values[i]])) as Record<Name, number>;
  }
}
