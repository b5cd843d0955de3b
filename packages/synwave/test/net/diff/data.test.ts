/** Cases of data, beside node:net. */
import { data } from './cases/data.ts';
import { differential } from './differential.ts';

differential('data', data);
