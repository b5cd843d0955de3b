/** Cases of validation, beside node:net. */
import { validationCases } from './cases/validation.ts';
import { differential } from './differential.ts';

differential('validation', validationCases);
