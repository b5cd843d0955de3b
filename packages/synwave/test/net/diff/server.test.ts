/** Cases of server, beside node:net. */
import { serverCases } from './cases/server.ts';
import { differential } from './differential.ts';

differential('server', serverCases);
