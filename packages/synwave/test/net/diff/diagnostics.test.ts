/** Cases of diagnostics, beside node:net. */
import { diagnosticsChannels } from './cases/diagnostics.ts';
import { differential } from './differential.ts';

differential('diagnostics', diagnosticsChannels);
