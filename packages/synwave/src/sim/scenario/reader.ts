/** Reader: values out of a data file, each with its place in it, so that what is wrong can be told: `steps[3].on: …`. */
import type { Micros } from '../../base/time.ts';
import { parsePercent, parseRate, parseSpan } from './units.ts';
import type { Words } from './words.ts';

/** A scenario file says something that makes no sense. The message begins with the place. */
export class ScenarioError extends Error {
  constructor(place: string, what: string) {
    super(`${place === '' ? 'scenario' : place}: ${what}`);
    this.name = 'ScenarioError';
  }
}

/** One object of the file. What is in it has to be asked for: `end` tells what nobody knows. */
export class Reader {
  readonly place: string;
  private readonly object: Readonly<Record<string, unknown>>;
  private readonly asked: Set<string> = new Set<string>();

  /** Throws ScenarioError for what is no object. */
  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ScenarioError(place, `expected an object, found ${shown(value)}`);
    }
    this.object = value as Readonly<Record<string, unknown>>;
    this.place = place;
  }

  has(name: string): boolean {
    return this.object[name] !== undefined;
  }

  /** The names in it that nobody has asked for. */
  get rest(): readonly string[] {
    return Object.keys(this.object).filter((name) => !this.asked.has(name));
  }

  text(name: string, otherwise?: string): string {
    return this.read(name, otherwise, 'a text', (value) => (typeof value === 'string' ? value : null));
  }

  number(name: string, otherwise?: number): number {
    return this.read(name, otherwise, 'a number from 0', (value) =>
      typeof value === 'number' && value >= 0 ? value : null,
    );
  }

  flag(name: string, otherwise?: boolean): boolean {
    return this.read(name, otherwise, 'true or false', (value) => (typeof value === 'boolean' ? value : null));
  }

  seed(name: string, otherwise?: number | string): number | string {
    return this.read(name, otherwise, 'a number or a text', (value) =>
      typeof value === 'number' || typeof value === 'string' ? value : null,
    );
  }

  span(name: string, otherwise?: Micros): Micros {
    return this.read(name, otherwise, 'a time, as 40 ms', (value) =>
      typeof value === 'string' ? parseSpan(value) : null,
    );
  }

  percent(name: string, otherwise?: number): number {
    return this.read(name, otherwise, 'a share, as 2%', (value) =>
      typeof value === 'string' ? parsePercent(value) : null,
    );
  }

  rate(name: string, otherwise?: number): number {
    return this.read(name, otherwise, 'a rate, as 10 Mbit/s', (value) =>
      typeof value === 'string' ? parseRate(value) : null,
    );
  }

  words(name: string): Words {
    const reader = this.section(name);
    const words = { zh: reader.text('zh'), en: reader.text('en') };
    reader.end();
    return words;
  }

  /** Throws ScenarioError for one that is not among `choices`. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise?: T): T {
    return this.read(name, otherwise, choices.join(', '), (value) => choices.find((each) => each === value) ?? null);
  }

  /** An object in it. */
  section(name: string): Reader {
    this.asked.add(name);
    return new Reader(this.object[name], this.at(name));
  }

  /** The objects of a list in it; none, if it is left out. */
  list(name: string): Reader[] {
    return this.values(name).map((value, i) => new Reader(value, `${this.at(name)}[${i}]`));
  }

  /** The texts of a list in it; none, if it is left out. */
  texts(name: string): string[] {
    return this.values(name).map((value, i) => {
      if (typeof value === 'string') return value;
      throw new ScenarioError(`${this.at(name)}[${i}]`, `expected a text, found ${shown(value)}`);
    });
  }

  /** Whatever is there. */
  value(name: string): unknown {
    this.asked.add(name);
    return this.object[name];
  }

  /** What `make` makes of a text; what it throws is told with the place. */
  made<T>(name: string, make: (text: string) => T): T {
    const text = this.text(name);
    try {
      return make(text);
    } catch (error) {
      throw this.wrong(name, error instanceof Error ? error.message : String(error));
    }
  }

  wrong(name: string, what: string): ScenarioError {
    return new ScenarioError(this.at(name), what);
  }

  /** Throws ScenarioError for a name that nobody has asked for. */
  end(): void {
    const [name] = this.rest;
    if (name === undefined) return;
    const known = [...this.asked].join(', ');
    throw new ScenarioError(this.at(name), `nobody knows this name; there are ${known}`);
  }

  at(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`;
  }

  private values(name: string): readonly unknown[] {
    this.asked.add(name);
    const value = this.object[name] ?? [];
    if (!Array.isArray(value)) throw this.wrong(name, `expected a list, found ${shown(value)}`);
    return value as readonly unknown[];
  }

  private read<T>(name: string, otherwise: T | undefined, wanted: string, make: (value: unknown) => T | null): T {
    this.asked.add(name);
    const value = this.object[name];
    if (value === undefined) {
      if (otherwise !== undefined) return otherwise;
      throw this.wrong(name, `is missing: expected ${wanted}`);
    }
    const made = make(value);
    if (made === null) throw this.wrong(name, `expected ${wanted}, found ${shown(value)}`);
    return made;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
