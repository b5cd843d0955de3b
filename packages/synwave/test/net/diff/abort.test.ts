/** Cases of abort, beside node:net. */
import { abortCases } from './cases/abort.ts';
import { differential } from './differential.ts';

differential('abort', abortCases);
