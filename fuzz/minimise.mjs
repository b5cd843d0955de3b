/** A failing input is made small: what can be left out is left out, what can be zero becomes zero. */

/**
 * The smallest input found that fails in the same way; `fails` says of an input whether it does. After the deadline
 * nothing more is tried.
 * @param {Uint8Array} input
 * @param {(input: Uint8Array) => boolean} fails
 * @param {number} deadline By `performance.now()`.
 * @returns {Uint8Array}
 */
export function minimise(input, fails, deadline) {
  let best = input;
  /** @param {Uint8Array} candidate */
  const take = (candidate) => {
    if (performance.now() >= deadline || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = null; before !== best && performance.now() < deadline; ) {
    before = best;
    for (let size = highestPower(best.length); size >= 1; size >>= 1) {
      // From the end on: what follows a length is more easily missed than what stands in front of it.
      for (let at = best.length - size; at >= 0; at -= size) take(without(best, at, size));
    }
    for (let size = highestPower(best.length); size >= 1; size >>= 1) {
      for (let at = 0; at + size <= best.length; at += size) {
        if (best.subarray(at, at + size).some((octet) => octet !== 0)) take(zeroed(best, at, size));
      }
    }
  }
  return best;
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
