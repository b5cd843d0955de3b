/** The values of a call, as numbers, lists and structs; what does not fit is told with its place among the arguments. */
import { Mismatch } from '../errors.ts';
import type { CallSpec, Value } from '../script.ts';

/** The arguments of one call. */
export class Args {
  readonly name: string;
  private readonly values: readonly Value[];

  constructor({ name, args }: CallSpec) {
    this.name = name;
    this.values = args;
  }

  get count(): number {
    return this.values.length;
  }

  at(i: number): Value {
    return this.values[i] ?? { kind: 'default' };
  }

  /** A number; `otherwise` for `...`, or where nothing stands. */
  number(i: number, otherwise?: number): number {
    const value = this.at(i);
    if (value.kind === 'number') return value.number;
    if (value.kind === 'default' && otherwise !== undefined) return otherwise;
    return this.wrong(i, 'a number');
  }

  /** The name of a constant, or the digits of a number, as it is written. */
  word(i: number): string {
    const value = this.at(i);
    return value.kind === 'number' ? value.text : this.wrong(i, 'a number or a name');
  }

  wrong(i: number, what: string): never {
    throw new Mismatch(`argument ${i + 1} of ${this.name} is to be ${what}`);
  }

  /** Complains about a call with too few arguments. */
  need(count: number): void {
    if (this.values.length < count)
      throw new Mismatch(`${this.name} takes ${count} arguments, and has ${this.values.length}`);
  }
}

/** A number, or the only one in `[1]`; null: neither. */
export function numberIn(value: Value): number | null {
  if (value.kind === 'number') return value.number;
  if (value.kind === 'list' && value.items.length === 1) return numberIn(value.items[0] as Value);
  return null;
}

/** A field of a struct by one of its names, or by its place where it has none; null: it is left out. */
export function field(value: Value, place: number, ...names: string[]): Value | null {
  if (value.kind !== 'struct') return null;
  const named = value.fields.find((each) => each.name !== null && names.includes(each.name));
  if (named !== undefined) return named.value;
  const at = value.fields[place];
  return at !== undefined && at.name === null ? at.value : null;
}

/** The same as a number. */
export function numberField(value: Value, place: number, ...names: string[]): number | null {
  const found = field(value, place, ...names);
  return found === null ? null : numberIn(found);
}

/** The items of a list; a struct or a number alone is a list of one. */
export function itemsOf(value: Value): readonly Value[] {
  if (value.kind === 'list') return value.items;
  return value.kind === 'default' ? [] : [value];
}
