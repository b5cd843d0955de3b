/** A target with a fault that only its coverage leads to: six octets in a row, each looked at when those before are right. */

const WORD = [0x53, 0x59, 0x4e, 0x57, 0x41, 0x56];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'magic',
  most: 64,
  seeds: () => [new Uint8Array(12)],
  run(input) {
    if (input[3] !== WORD[0]) return;
    if (input[4] !== WORD[1]) return;
    if (input[5] !== WORD[2]) return;
    if (input[6] !== WORD[3]) return;
    if (input[7] !== WORD[4]) return;
    if (input[8] !== WORD[5]) return;
    throw new RangeError('the word is there');
  },
};
