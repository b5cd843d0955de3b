/** Cases of attempts, beside node:net. */
import { attempts } from './cases/attempts.ts';
import { differential } from './differential.ts';

differential('attempts', attempts);
