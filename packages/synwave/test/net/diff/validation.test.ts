/** Cases of validation, beside node:net. */
import { validation } from './cases/validation.ts';
import { differential } from './differential.ts';

differential('validation', validation);
