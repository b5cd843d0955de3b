/** Cases of onread, beside node:net. */
import { onreadCases } from './cases/onread.ts';
import { differential } from './differential.ts';

differential('onread', onreadCases);
