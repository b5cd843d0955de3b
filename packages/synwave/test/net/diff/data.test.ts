/** Cases of data, beside node:net. */
import { dataCases } from './cases/data.ts';
import { differential } from './differential.ts';

differential('data', dataCases);
