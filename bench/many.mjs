/** echo-rate-N: echoes in a second while N connections are open and each has its turn: the rate must not fall with N. */
import { echoInTurn, kernelCrowd, ourCrowd } from './crowd.mjs';
import { kernelAllows } from './hosts.mjs';
import { inTurn, result } from './measure.mjs';

const MILLISECONDS = 250;
const PARALLEL = 32;

/** @param {number} size */
export function echoRate(size) {
  return async () => {
    const ours = await ourCrowd(size);
    const theirs = await kernelCrowd(kernelAllows(size));
    const enough = (/** @type {number} */ _echoes, /** @type {number} */ elapsed) => elapsed > MILLISECONDS;
    const rates = await inTurn(
      async () => [await echoInTurn(ours, PARALLEL, enough)],
      async () => [await echoInTurn(theirs, PARALLEL, enough)],
    );
    ours.end();
    theirs.end();
    const [value = 0] = rates.ours;
    const [other = 0] = rates.theirs;
    const name = theirs.size === size ? 'node:net' : `node:net with ${theirs.size}`;
    return [result(`echo-rate-${size}`, value, 'echoes/s', { name, value: other })];
  };
}
