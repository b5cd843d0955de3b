/** Cases of dualstack, beside node:net. */
import { dualstackCases } from './cases/dualstack.ts';
import { differential } from './differential.ts';

differential('dualstack', dualstackCases);
