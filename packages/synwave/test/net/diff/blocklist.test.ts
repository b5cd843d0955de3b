/** Cases of blocklist, beside node:net. */
import { blocklist } from './cases/blocklist.ts';
import { differential } from './differential.ts';

differential('blocklist', blocklist);
