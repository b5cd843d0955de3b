/** Cases of end-close, beside node:net. */
import { endCloseCases } from './cases/end-close.ts';
import { differential } from './differential.ts';

differential('end-close', endCloseCases);
