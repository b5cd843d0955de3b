/** Cases of timers, beside node:net. */
import { timersCases } from './cases/timers.ts';
import { differential } from './differential.ts';

differential('timers', timersCases);
