/** Cases of timers, beside node:net. */
import { timers } from './cases/timers.ts';
import { differential } from './differential.ts';

differential('timers', timers);
