/** A target with a fault behind a checksum, which hardly any mutant has right unless it is put right. */

/** @param {Uint8Array} input */
function sumOf(input) {
  let sum = 7;
  for (const octet of input.subarray(4)) sum = (Math.imul(sum, 31) + octet) | 0;
  return sum;
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'sum',
  most: 64,
  seeds: () => [new Uint8Array(9)],
  repair(input) {
    if (input.length >= 4) new DataView(input.buffer, input.byteOffset).setInt32(0, sumOf(input));
  },
  run(input) {
    if (input.length < 9) return 0;
    if (new DataView(input.buffer, input.byteOffset).getInt32(0) !== sumOf(input)) return 1;
    if (input[8] === 0xc0) throw new Error('behind the checksum');
    return 2;
  },
};
