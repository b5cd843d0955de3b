/** Cases of dualstack, beside node:net. */
import { dualstack } from './cases/dualstack.ts';
import { differential } from './differential.ts';

differential('dualstack', dualstack);
