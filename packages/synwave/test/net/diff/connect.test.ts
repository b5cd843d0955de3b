/** Cases of connect, beside node:net. */
import { connect } from './cases/connect.ts';
import { differential } from './differential.ts';

differential('connect', connect);
