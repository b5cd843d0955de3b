/** A target that some inputs never come out of. */

/** @type {import('../target.mjs').Target} */
export default {
  name: 'loop',
  most: 64,
  seeds: () => [Uint8Array.of(4, 1, 2, 3, 4, 1, 2)],
  run(input) {
    // Pieces with their length in front, which may be 0.
    for (let at = 0; at < input.length; ) at += input[at] ?? 0;
  },
};
