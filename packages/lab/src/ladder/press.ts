/** Press: a finger that stays on an arrow, where the browser does not tell of it by itself. */

/** In milliseconds. */
const LONG = 480;

let timer = 0;

/** Does it when the finger is still there after a while. */
export function press(act: () => void): void {
  clearTimeout(timer);
  timer = window.setTimeout(act, LONG);
}

/** The finger is lifted, or scrolls. */
export function lift(): void {
  clearTimeout(timer);
}
