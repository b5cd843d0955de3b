/** Cases of order, beside node:net. */
import { orderCases } from './cases/order.ts';
import { differential } from './differential.ts';

differential('order', orderCases);
