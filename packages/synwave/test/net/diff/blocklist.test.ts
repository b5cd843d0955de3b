/** Cases of blocklist, beside node:net. */
import { blocklistCases } from './cases/blocklist.ts';
import { differential } from './differential.ts';

differential('blocklist', blocklistCases);
