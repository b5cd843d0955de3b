/** Cases of attempts, beside node:net. */
import { attemptsCases } from './cases/attempts.ts';
import { differential } from './differential.ts';

differential('attempts', attemptsCases);
