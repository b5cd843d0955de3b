/** Cases of onread, beside node:net. */
import { onread } from './cases/onread.ts';
import { differential } from './differential.ts';

differential('onread', onread);
