/** Strict: in a run, what would make it differ from the next one throws, and says what to do. */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { Patches } from './patches.ts';

/** What a program did that its world does not allow. */
export class RefusedError extends Error {
  readonly code = 'ERR_SYNWAVE_REFUSED';

  constructor(what: string, why: string) {
    super(`${what} in a strict world: ${why}`);
    this.name = 'RefusedError';
  }
}

const REAL_TIME = 'real time differs from run to run; turn on `timers`, or use `sleep` and `after` of the world';
const CHANCE = 'this chance cannot be seeded; make it before the run';
const ELSEWHERE = 'the system knows no virtual time; use `net` and `dgram` of a host of the world';

export class Strict {
  /** The first that was refused: the run fails even if the program has caught it. */
  refused: RefusedError | null = null;
  private readonly patches: Patches = new Patches();

  /** `ownTimers`: those of the program are the world's, so that they are allowed. */
  constructor(ownTimers: boolean) {
    try {
      this.refuseAll(ownTimers);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.patches.undo();
    syncBuiltinESMExports();
  }

  /** Throws, and remembers it. */
  no(what: string, why: string): never {
    const error = new RefusedError(what, why);
    this.refused ??= error;
    throw error;
  }

  private refuseAll(ownTimers: boolean): void {
    if (!ownTimers) this.refuseTime();
    for (const name of ['generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync', 'generatePrime'])
      this.refuse(crypto, name, `crypto.${name}()`, CHANCE);
    this.refuse(crypto, 'generatePrimeSync', 'crypto.generatePrimeSync()', CHANCE);
    const subtle = Object.getPrototypeOf(globalThis.crypto.subtle) as object;
    this.refuse(subtle, 'generateKey', 'crypto.subtle.generateKey()', CHANCE);
    this.refuse(net.Socket.prototype, 'connect', 'connect() of node:net', ELSEWHERE);
    this.refuse(net.Server.prototype, 'listen', 'listen() of node:net', ELSEWHERE);
    this.refuse(dgram.Socket.prototype, 'bind', 'bind() of node:dgram', ELSEWHERE);
    this.refuse(childProcess.ChildProcess.prototype, 'spawn', 'spawn() of node:child_process', ELSEWHERE);
    syncBuiltinESMExports();
  }

  private refuse(object: object, key: string, what: string, why: string): void {
    if (typeof Reflect.get(object, key) === 'function') this.patches.set(object, key, () => this.no(what, why));
  }

  private refuseTime(): void {
    for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
      this.refuse(globalThis, name, `${name}()`, REAL_TIME);
      this.refuse(timers, name, `${name}()`, REAL_TIME);
      this.refuse(timersPromises, name, `${name}()`, REAL_TIME);
    }
    this.refuse(timersPromises.scheduler, 'wait', 'scheduler.wait()', REAL_TIME);
    this.refuse(performance, 'now', 'performance.now()', REAL_TIME);
    const hrtime = (): never => this.no('process.hrtime()', REAL_TIME);
    this.patches.set(process, 'hrtime', Object.assign(hrtime, { bigint: hrtime }));
    this.refuse(process, 'uptime', 'process.uptime()', REAL_TIME);
    this.refuse(AbortSignal, 'timeout', 'AbortSignal.timeout()', REAL_TIME);
    const no = (what: string): never => this.no(what, REAL_TIME);
    const strictDate = new Proxy(Date, {
      construct: (target, args, made) =>
        args.length === 0 ? no('new Date()') : (Reflect.construct(target, args, made) as object),
      apply: () => no('Date()'),
      get: (target, key, receiver) =>
        key === 'now' ? () => no('Date.now()') : (Reflect.get(target, key, receiver) as unknown),
    });
    this.patches.set(globalThis, 'Date', strictDate);
  }
}
