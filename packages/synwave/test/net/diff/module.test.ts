/** The module, its classes and its defaults, beside node:net. */
import { module } from './cases/module.ts';
import { differential } from './differential.ts';

differential('module', module);
