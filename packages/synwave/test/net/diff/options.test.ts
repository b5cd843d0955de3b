/** Cases of options, beside node:net. */
import { optionsCases } from './cases/options.ts';
import { differential } from './differential.ts';

differential('options', optionsCases);
