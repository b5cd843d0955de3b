/** Whether the kernel has ::1, so that what is real can be asked over IPv6; where it has not, that is said aloud. */
import { networkInterfaces } from 'node:os';

export const SIX: boolean = Object.values(networkInterfaces())
  .flat()
  .some((own) => own?.address === '::1');

if (!SIX) process.stderr.write('SKIPPED: this machine has no ::1, so nothing is compared with Node.js over IPv6\n');
