/** Cases of diagnostics, beside node:net. */
import { diagnosticsCases } from './cases/diagnostics.ts';
import { differential } from './differential.ts';

differential('diagnostics', diagnosticsCases);
