/** A failing input is made small: what can be left out is left out, what can be zero becomes zero. */

/** Up to so many octets are tried to be left out from every place on. */
const SMALL = 16;

/**
 * The smallest input found that fails in the same way. `attempt` tries an input: it answers what failed, the input itself
 * or that with its checksums put right, or null. After the deadline nothing more is tried.
 * @param {Uint8Array} input
 * @param {(input: Uint8Array) => Uint8Array | null} attempt
 * @param {number} deadline By `performance.now()`.
 * @returns {Uint8Array}
 */
export function minimise(input, attempt, deadline) {
  let best = input;
  /** @param {Uint8Array} candidate */
  const take = (candidate) => {
    if (performance.now() >= deadline) return;
    const failed = attempt(candidate);
    if (failed !== null && isSmaller(failed, best)) best = failed;
  };
  for (let before = null; before !== best && performance.now() < deadline; ) {
    before = best;
    // From the end on: what follows a length is more easily missed than what stands in front of it.
    for (let size = highestPower(best.length); size > SMALL; size >>= 1) {
      for (let at = best.length - size; at >= 0; at -= size) take(without(best, at, size));
    }
    // Options and the like go as a whole or not at all, wherever they begin.
    for (let size = SMALL; size >= 1; size--) {
      for (let at = best.length - size; at >= 0; at--) if (at + size <= best.length) take(without(best, at, size));
    }
    for (let size = highestPower(best.length); size >= 1; size >>= 1) {
      for (let at = 0; at + size <= best.length; at += size) {
        if (best.subarray(at, at + size).some((octet) => octet !== 0)) take(zeroed(best, at, size));
      }
    }
  }
  return best;
}

/**
 * Fewer octets, or fewer of them that say something.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function isSmaller(one, other) {
  if (one.length !== other.length) return one.length < other.length;
  const count = (/** @type {Uint8Array} */ octets) => octets.reduce((n, octet) => n + Number(octet !== 0), 0);
  return count(one) < count(other);
}

/** @param {number} n */
function highestPower(n) {
  return n === 0 ? 0 : 1 << (31 - Math.clz32(n));
}

/**
 * @param {Uint8Array} input
 * @param {number} at
 * @param {number} size
 */
function without(input, at, size) {
  const out = new Uint8Array(input.length - size);
  out.set(input.subarray(0, at));
  out.set(input.subarray(at + size), at);
  return out;
}

/**
 * @param {Uint8Array} input
 * @param {number} at
 * @param {number} size
 */
function zeroed(input, at, size) {
  const out = input.slice();
  out.fill(0, at, at + size);
  return out;
}
