/** Cases of connect, beside node:net. */
import { connectCases } from './cases/connect.ts';
import { differential } from './differential.ts';

differential('connect', connectCases);
