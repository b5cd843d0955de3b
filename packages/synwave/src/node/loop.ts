/** NodeLoop: drives hosts in real time from Node's event loop. */
import { Loop } from '../socket/loop.ts';
import { clearInterval, clearTimeout, now, setImmediate, setInterval, setTimeout } from './real-time.ts';

/** The longest interval that there is: what keeps a process alive need not do anything. */
const LONGEST = 0x7fff_ffff;

export class NodeLoop extends Loop {
  constructor() {
    super({
      now,
      task: (act) => setImmediate(act),
      timer: (act, wait) => {
        const timer = setTimeout(act, wait).unref();
        return () => clearTimeout(timer);
      },
      hold: () => {
        const handle = setInterval(() => undefined, LONGEST);
        return () => clearInterval(handle);
      },
    });
  }
}
