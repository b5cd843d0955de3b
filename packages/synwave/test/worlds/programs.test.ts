/** A few small runs of each program; the long tests have a hundred. */
import { tested } from './programs.ts';

tested(5, 2, true);
