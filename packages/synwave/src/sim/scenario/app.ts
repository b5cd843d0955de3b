/** App: a small program on one connection, what it has beside its socket, and the settings that it takes. */
import type { Micros } from '../../base/time.ts';
import type { SocketActor } from './socket-actor.ts';
import { parseSpan } from './units.ts';

/** What a program has beside its socket. */
export interface AppContext {
  /** Calls `act` when so much time has passed. Answers how to call that off. */
  after(span: Micros, act: () => void): () => void;
  /** Connections of the same listener that are open, by their number; this one is among them. */
  readonly siblings: readonly SocketActor[];
  /** Opens one more connection to where this one goes, with the same program; null for a connection that was accepted. */
  readonly again: ((name: string, app: App) => void) | null;
}

/** Runs on one connection: from when it is accepted, or from when `connect` has returned. */
export type App = (socket: SocketActor, context: AppContext) => void;

/** The settings of an app, as a scenario file has them. Each is asked for once; what nobody asks for is a mistake. */
export class AppSettings {
  private readonly left: Map<string, string | number | boolean>;
  private readonly app: string;

  constructor(app: string, settings: Readonly<Record<string, string | number | boolean>>) {
    this.app = app;
    this.left = new Map(Object.entries(settings));
  }

  number(name: string, otherwise: number): number {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    if (typeof value !== 'number' || !(value >= 0)) throw this.wrong(name, 'a number');
    return value;
  }

  span(name: string, otherwise: Micros): Micros {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    const span = typeof value === 'string' ? parseSpan(value) : null;
    if (span === null) throw this.wrong(name, 'a time, as 40 ms');
    return span;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  text(name: string, otherwise: string): string {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    if (typeof value !== 'string') throw this.wrong(name, 'a text');
    return value;
  }

  /** Throws RangeError for settings that nobody has asked for. */
  end(): void {
    const [name] = this.left.keys();
    if (name !== undefined) throw new RangeError(`app ${this.app} has no setting ${name}`);
  }

  private take(name: string): string | number | boolean | undefined {
    const value = this.left.get(name);
    this.left.delete(name);
    return value;
  }

  private wrong(name: string, wanted: string): RangeError {
    return new RangeError(`setting ${name} of app ${this.app} is not ${wanted}`);
  }
}

/** What makes an app of its settings. Throws RangeError. */
export type AppMaker = (settings: AppSettings) => App;
