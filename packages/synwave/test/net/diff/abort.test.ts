/** Cases of abort, beside node:net. */
import { abort } from './cases/abort.ts';
import { differential } from './differential.ts';

differential('abort', abort);
