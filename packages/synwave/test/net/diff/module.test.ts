/** The module, its classes and its defaults, beside node:net. */
import { moduleCases } from './cases/module.ts';
import { differential } from './differential.ts';

differential('module', moduleCases);
