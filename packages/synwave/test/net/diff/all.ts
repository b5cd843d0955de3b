/** All cases of the suite, group by group. */
import type { Case } from './case.ts';
import { abort } from './cases/abort.ts';
import { attempts } from './cases/attempts.ts';
import { blocklist } from './cases/blocklist.ts';
import { connect } from './cases/connect.ts';
import { data } from './cases/data.ts';
import { diagnosticsChannels } from './cases/diagnostics.ts';
import { dualstack } from './cases/dualstack.ts';
import { endClose } from './cases/end-close.ts';
import { module } from './cases/module.ts';
import { onread } from './cases/onread.ts';
import { options } from './cases/options.ts';
import { server } from './cases/server.ts';
import { timers } from './cases/timers.ts';
import { validation } from './cases/validation.ts';

export const all: ReadonlyMap<string, readonly Case[]> = new Map([
  ['module', module],
  ['connect', connect],
  ['attempts', attempts],
  ['options', options],
  ['data', data],
  ['end-close', endClose],
  ['server', server],
  ['validation', validation],
  ['timers', timers],
  ['abort', abort],
  ['onread', onread],
  ['dualstack', dualstack],
  ['blocklist', blocklist],
  ['diagnostics', diagnosticsChannels],
]);
