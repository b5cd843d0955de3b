/** Cases of options, beside node:net. */
import { options } from './cases/options.ts';
import { differential } from './differential.ts';

differential('options', options);
