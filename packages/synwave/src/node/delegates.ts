/**
 * Delegates: functions in the place of the platform's sources of chance, which draw from the world that runs, if one
 * does and has asked for it, and else from where they always did. A library that has taken such a function out of its
 * module while it was in place draws as all others do.
 */
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import type { Random } from '../base/random.ts';
import type { Patches } from './patches.ts';

/** Where a draw of that name comes from; null: from the platform. Throws when it is refused. */
export type Source = (what: string) => Random | null;

type Octets = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** There is one platform, and so one source at a time. */
let current: Source | null = null;

/** Draws come from there, null: from the platform. Answers where they came from before. */
export function drawFrom(source: Source | null): Source | null {
  const before = current;
  current = source;
  return before;
}

type Draw = (random: Random, args: readonly unknown[]) => unknown;

/** Puts them in place. */
export function putDelegates(patches: Patches): void {
  const put = (object: object, key: string, name: string, draw: Draw): void => {
    const own: unknown = Reflect.get(object, key);
    if (typeof own !== 'function' || delegates.has(own)) return;
    const delegate = function (this: unknown, ...args: unknown[]): unknown {
      const random = current?.(name) ?? null;
      return random === null ? Reflect.apply(own, this, args) : draw(random, args);
    };
    delegates.add(delegate);
    patches.set(object, key, delegate);
  };
  put(Math, 'random', 'Math.random()', (random) => random.fraction());
  const web = Object.getPrototypeOf(globalThis.crypto) as object;
  put(web, 'getRandomValues', 'crypto.getRandomValues()', (random, [into]) => fill(random, into as Octets));
  put(web, 'randomUUID', 'crypto.randomUUID()', (random) => uuid(random));
  put(crypto, 'randomUUID', 'crypto.randomUUID()', (random) => uuid(random));
  for (const name of ['randomBytes', 'pseudoRandomBytes', 'prng', 'rng'])
    put(crypto, name, `crypto.${name}()`, (random, [size, callback]) =>
      answer(callback, fill(random, Buffer.alloc(Number(size)))),
    );
  put(crypto, 'randomFillSync', 'crypto.randomFillSync()', (random, [into, at, size]) =>
    fill(random, into as Octets, at, size),
  );
  put(crypto, 'randomFill', 'crypto.randomFill()', (random, args) => {
    const [into, at, size] = args.slice(0, -1);
    return answer(args.at(-1), fill(random, into as Octets, at, size));
  });
  put(crypto, 'randomInt', 'crypto.randomInt()', (random, args) => {
    const callback = args.at(-1);
    const numbers = args.filter((each) => typeof each === 'number');
    const [least, limit] = numbers.length > 1 ? [numbers[0] ?? 0, numbers[1] ?? 0] : [0, numbers[0] ?? 0];
    return answer(callback, least + Math.floor(random.fraction() * (limit - least)));
  });
}

const delegates: WeakSet<object> = new WeakSet<object>();

/** To a callback, if there is one: in a while, as the platform does it. */
function answer(callback: unknown, value: unknown): unknown {
  if (typeof callback !== 'function') return value;
  process.nextTick(callback, null, value);
  return undefined;
}

/** `at` and `size` count elements of `into`, as randomFill has it. */
function fill<T extends Octets>(random: Random, into: T, at: unknown = 0, size?: unknown): T {
  const view = ArrayBuffer.isView(into) ? into : new Uint8Array(into);
  const width = 'BYTES_PER_ELEMENT' in view ? view.BYTES_PER_ELEMENT : 1;
  const from = Number(at) * width;
  const length = size === undefined ? view.byteLength - from : Number(size) * width;
  if (!(from >= 0 && length >= 0 && from + length <= view.byteLength))
    throw new RangeError(`randomFill: ${String(at)} and ${String(size)} do not lie within ${view.byteLength} octets`);
  random.fill(new Uint8Array(view.buffer, view.byteOffset + from, length));
  return into;
}

/** RFC 9562 §5.4: version 4, and its variant. */
function uuid(random: Random): string {
  const octets = fill(random, Buffer.alloc(16));
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
