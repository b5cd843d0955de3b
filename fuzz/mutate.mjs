/** Mutations: how one input is made of others. All chance comes from the generator that is handed in. */

/** @typedef {import('../packages/synwave/dist/base/random.js').Random} Random */

/** Where fields begin, end, wrap, or change their sign. */
const BYTES = [0, 1, 2, 4, 8, 16, 20, 40, 64, 100, 0x7f, 0x80, 0xf0, 0xff];
const SHORTS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x5b4, 0x7fff, 0x8000, 0xfff8, 0xffff];
const WORDS = [0, 1, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** An input in the making: `bytes[0, length)`, which has room for `bytes.length`. */
export class Draft {
  /** @param {number} most Octets at most. */
  constructor(most) {
    this.bytes = new Uint8Array(most);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  /** @param {Uint8Array} input */
  set(input) {
    this.length = Math.min(input.length, this.bytes.length);
    this.bytes.set(input.subarray(0, this.length));
  }

  /**
   * Makes room for `count` octets at `at`, as far as there is any; answers how many. What stands in them is stale.
   * @param {number} at
   * @param {number} count
   */
  open(at, count) {
    const n = Math.min(count, this.bytes.length - this.length);
    this.bytes.copyWithin(at + n, at, this.length);
    this.length += n;
    return n;
  }

  /**
   * @param {number} at
   * @param {number} count
   */
  cut(at, count) {
    this.bytes.copyWithin(at, at + count, this.length);
    this.length -= count;
  }
}

/** @typedef {(draft: Draft, random: Random, other: Uint8Array, words: readonly Uint8Array[]) => void} Mutation */

/**
 * A place in the draft with `width` octets behind it; -1: it is too short.
 * @param {Draft} draft
 * @param {Random} random
 * @param {number} width
 */
function place(draft, random, width) {
  return draft.length < width ? -1 : random.below(draft.length - width + 1);
}

/**
 * How long a span of at most `most` (1 or more) octets is to be: short ones are likelier.
 * @param {Random} random
 * @param {number} most
 */
function span(random, most) {
  return 1 + random.below(Math.min(most, random.chance(0.75) ? 16 : most));
}

/**
 * @template T
 * @param {Random} random
 * @param {ArrayLike<T>} list
 */
function oneOf(random, list) {
  return /** @type {T} */ (list[random.below(list.length)]);
}

/** @type {Mutation} */
function flipBit(draft, random) {
  const at = place(draft, random, 1);
  if (at >= 0) draft.view.setUint8(at, draft.view.getUint8(at) ^ (1 << random.below(8)));
}

/** @type {Mutation} */
function anyByte(draft, random) {
  const at = place(draft, random, 1);
  if (at >= 0) draft.bytes[at] = random.next();
}

/** @type {Mutation} */
function knownByte(draft, random) {
  const at = place(draft, random, 1);
  if (at >= 0) draft.bytes[at] = oneOf(random, BYTES);
}

/** @type {Mutation} */
function knownShort(draft, random) {
  const at = place(draft, random, 2);
  if (at >= 0) draft.view.setUint16(at, oneOf(random, SHORTS), random.chance(0.5));
}

/** @type {Mutation} */
function knownWord(draft, random) {
  const at = place(draft, random, 4);
  if (at >= 0) draft.view.setUint32(at, oneOf(random, WORDS), random.chance(0.5));
}

/** A little more or less. @type {Mutation} */
function addByte(draft, random) {
  const at = place(draft, random, 1);
  if (at >= 0) draft.bytes[at] = draft.view.getUint8(at) + random.below(33) - 16;
}

/** @type {Mutation} */
function addShort(draft, random) {
  const at = place(draft, random, 2);
  const little = random.chance(0.5);
  if (at >= 0) draft.view.setUint16(at, draft.view.getUint16(at, little) + random.below(65) - 32, little);
}

/** @type {Mutation} */
function addWord(draft, random) {
  const at = place(draft, random, 4);
  const little = random.chance(0.5);
  const by = random.chance(0.5) ? random.below(65) - 32 : random.below(0x2_0000) - 0x1_0000;
  if (at >= 0) draft.view.setUint32(at, draft.view.getUint32(at, little) + by, little);
}

/** A field that says how much follows: exactly, or one too many or too few. @type {Mutation} */
function rest(draft, random) {
  const width = oneOf(random, [1, 2, 4]);
  const at = place(draft, random, width);
  if (at < 0) return;
  const value = draft.length - at - (random.chance(0.5) ? 0 : random.below(24)) + random.below(3) - 1;
  if (width === 1) draft.bytes[at] = value;
  else if (width === 2) draft.view.setUint16(at, value, random.chance(0.3));
  else draft.view.setUint32(at, value, random.chance(0.5));
}

/** @type {Mutation} */
function insert(draft, random) {
  const at = place(draft, random, 0);
  const n = draft.open(at, span(random, 64));
  const byte = random.next();
  const same = random.chance(0.5);
  for (let i = 0; i < n; i++) draft.bytes[at + i] = same ? byte : random.next();
}

/** @type {Mutation} */
function insertWord(draft, random, _other, words) {
  if (words.length === 0) return;
  const word = oneOf(random, words);
  const at = place(draft, random, 0);
  draft.bytes.set(word.subarray(0, draft.open(at, word.length)), at);
}

/** @type {Mutation} */
function overwriteByWord(draft, random, _other, words) {
  if (words.length === 0) return;
  const word = oneOf(random, words);
  const at = place(draft, random, word.length);
  if (at >= 0) draft.bytes.set(word, at);
}

/** @type {Mutation} */
function remove(draft, random) {
  const at = place(draft, random, 1);
  if (at >= 0) draft.cut(at, span(random, draft.length - at));
}

/** @type {Mutation} */
function truncate(draft, random) {
  draft.length = place(draft, random, 0);
}

/** A span of the draft once more, behind itself or elsewhere. @type {Mutation} */
function duplicate(draft, random) {
  const from = place(draft, random, 1);
  if (from < 0) return;
  const copy = draft.bytes.slice(from, from + span(random, draft.length - from));
  const at = random.chance(0.5) ? from + copy.length : place(draft, random, 0);
  draft.bytes.set(copy.subarray(0, draft.open(at, copy.length)), at);
}

/** A span of the draft over another of its places. @type {Mutation} */
function move(draft, random) {
  const from = place(draft, random, 1);
  if (from < 0) return;
  const n = span(random, draft.length - from);
  draft.bytes.copyWithin(random.below(draft.length - n + 1), from, from + n);
}

/** A span of the other input, inserted or written over. @type {Mutation} */
function borrow(draft, random, other) {
  if (other.length === 0) return;
  const from = random.below(other.length);
  const lent = other.subarray(from, from + span(random, other.length - from));
  if (random.chance(0.5)) {
    const at = place(draft, random, 0);
    draft.bytes.set(lent.subarray(0, draft.open(at, lent.length)), at);
  } else {
    const at = place(draft, random, lent.length);
    if (at >= 0) draft.bytes.set(lent, at);
  }
}

/** The beginning of the draft and the end of the other. @type {Mutation} */
function splice(draft, random, other) {
  const at = place(draft, random, 0);
  const tail = other.subarray(random.chance(0.5) ? Math.min(at, other.length) : random.below(other.length + 1));
  draft.length = at;
  draft.bytes.set(tail.subarray(0, draft.open(at, tail.length)), at);
}

/** Drawn from evenly: what is here twice is twice as likely. @type {readonly Mutation[]} */
const MUTATIONS = [
  flipBit,
  flipBit,
  anyByte,
  anyByte,
  knownByte,
  knownByte,
  knownShort,
  knownWord,
  addByte,
  addByte,
  addShort,
  addWord,
  rest,
  rest,
  insert,
  insertWord,
  overwriteByWord,
  remove,
  truncate,
  duplicate,
  move,
  borrow,
  splice,
];

/**
 * Changes the draft by 1, 2, 4 or 8 mutations. `other` is any other input, `words` what stands in inputs of the kind.
 * @type {Mutation}
 */
export function mutate(draft, random, other, words) {
  for (let n = 1 << random.below(4); n > 0; n--) oneOf(random, MUTATIONS)(draft, random, other, words);
}
