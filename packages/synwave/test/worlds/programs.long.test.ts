/** A hundred runs of each program, with more in them. */
import { tested } from './programs.ts';

tested(100, 100, false);
