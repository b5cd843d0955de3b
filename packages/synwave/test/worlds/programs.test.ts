/** Twenty small runs of each program. */
import { tested } from './programs.ts';

tested(20, 3, true);
