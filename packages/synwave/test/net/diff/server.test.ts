/** Cases of server, beside node:net. */
import { server } from './cases/server.ts';
import { differential } from './differential.ts';

differential('server', server);
