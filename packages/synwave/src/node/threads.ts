/** Threads: what a program has Node's threads do, so that a world can wait for it: files, names, compression, cryptography. */
import { type AsyncHook, createHook } from 'node:async_hooks';
import zlib from 'node:zlib';
import { Patches } from './patches.ts';
import { clearTimeout, setTimeout } from './real-time.ts';

/** Names of requests to threads, as async_hooks has them: of files and of names; of cryptography. */
const REQUEST = /^(?:FSREQ|GETADDRINFOREQ|GETNAMEINFOREQ|FILEHANDLECLOSEREQ)/;
const CRYPTO = /^(?!HTTP)[A-Z0-9]+REQUEST$/;

/** A piece of work for a thread. That of cryptography has `ondone`, unless it is done on the spot, and nobody told of it. */
interface Job {
  readonly type: string;
  readonly resource: { readonly ondone?: unknown };
}

type Done = (...args: unknown[]) => void;
type Transform = (chunk: unknown, encoding: unknown, done: Done) => void;

export class Threads {
  /** What is under way, by its number. */
  private readonly busy: Map<number, Job> = new Map<number, Job>();
  private readonly hook: AsyncHook;
  private readonly patches: Patches = new Patches();
  private readonly limit: number;
  private compressions = 0;
  private rested: (() => void) | null = null;

  /** `limit`: milliseconds of real time that one stretch of work may take. */
  constructor(limit: number) {
    this.limit = limit;
    this.hook = createHook({
      init: (id, type, _from, resource) => {
        if (type !== 'PROMISE' && (REQUEST.test(type) || CRYPTO.test(type))) this.busy.set(id, { type, resource });
      },
      before: (id) => {
        if (this.busy.delete(id)) this.tell();
      },
    });
    this.watchCompression();
    this.hook.enable();
  }

  leave(): void {
    this.hook.disable();
    this.patches.undo();
    this.busy.clear();
  }

  /** Resolves when nothing is under way any more; null: nothing is. */
  work(): Promise<void> | null {
    for (const [id, { type, resource }] of this.busy)
      if (CRYPTO.test(type) && typeof resource.ondone !== 'function') this.busy.delete(id);
    if (this.idle) return null;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.rested = null;
        reject(new Error(`waits for ${this.text()}, for ${this.limit} ms of real time`));
      }, this.limit);
      this.rested = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  private get idle(): boolean {
    return this.busy.size === 0 && this.compressions === 0;
  }

  private tell(): void {
    if (!this.idle || this.rested === null) return;
    this.rested();
    this.rested = null;
  }

  private text(): string {
    const names = [...this.busy.values()].map(({ type }) => type);
    if (this.compressions > 0) names.push('zlib');
    return [...new Set(names)].join(', ');
  }

  /** A stream of zlib is one resource for all its life, so its work is counted where it begins. */
  private watchCompression(): void {
    let at = zlib.Gzip.prototype as object | null;
    while (at !== null && !Object.hasOwn(at, '_transform')) at = Object.getPrototypeOf(at) as object | null;
    const transform = at === null ? undefined : (Reflect.get(at, '_transform') as Transform);
    if (at === null || transform === undefined) return;
    const count = (by: number): void => {
      this.compressions += by;
      this.tell();
    };
    this.patches.set(at, '_transform', function (this: unknown, chunk: unknown, encoding: unknown, done: Done): void {
      let under = true;
      count(1);
      transform.call(this, chunk, encoding, (...args) => {
        if (under) count(-1);
        under = false;
        done(...args);
      });
    });
  }
}
