/** Cases of addresses in every spelling, beside node:net. */
import { spellingCases } from './cases/spelling.ts';
import { differential } from './differential.ts';

differential('spelling', spellingCases);
