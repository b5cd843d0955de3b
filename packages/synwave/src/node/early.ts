/**
 * synwave/early: imported before the libraries of a program, it lets worlds seed the randomness of those as well that take
 * functions out of `node:crypto` when they are loaded. Outside of worlds nothing is different.
 */
import { syncBuiltinESMExports } from 'node:module';
import { putDelegates } from './delegates.ts';
import { Patches } from './patches.ts';

putDelegates(new Patches());
syncBuiltinESMExports();
