/** WebLoop: drives hosts in real time from the event loop of a page or a worker; also where there are no pages. */
import { Loop } from '../socket/loop.ts';
import { Tasks } from './tasks.ts';

/** The longest interval that there is: what keeps a process alive need not do anything. */
const LONGEST = 0x7fff_ffff;

/**
 * A page in the background has its timers, not its messages, held to one in a second or fewer: deadlines are late there,
 * and what arrives is answered all the same. In Node.js the process goes on while any host has sockets or listeners.
 */
export class WebLoop extends Loop {
  constructor() {
    const tasks = new Tasks();
    super({
      now: () => performance.now(),
      task: (act) => tasks.add(act),
      timer: (act, wait) => {
        const timer = setTimeout(act, wait);
        // Node.js's timers are objects that can be told to keep nothing alive, others are numbers.
        (timer as { unref?: () => void }).unref?.();
        return () => clearTimeout(timer);
      },
      hold: () => {
        const handle = setInterval(() => undefined, LONGEST);
        return () => clearInterval(handle);
      },
    });
  }
}
