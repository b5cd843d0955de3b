/** All cases of the suite, group by group. */
import type { Case } from './case.ts';
import { abortCases } from './cases/abort.ts';
import { attemptsCases } from './cases/attempts.ts';
import { blocklistCases } from './cases/blocklist.ts';
import { connectCases } from './cases/connect.ts';
import { dataCases } from './cases/data.ts';
import { diagnosticsCases } from './cases/diagnostics.ts';
import { dualstackCases } from './cases/dualstack.ts';
import { endCloseCases } from './cases/end-close.ts';
import { moduleCases } from './cases/module.ts';
import { onreadCases } from './cases/onread.ts';
import { optionsCases } from './cases/options.ts';
import { orderCases } from './cases/order.ts';
import { serverCases } from './cases/server.ts';
import { spellingCases } from './cases/spelling.ts';
import { timersCases } from './cases/timers.ts';
import { validationCases } from './cases/validation.ts';

export const all: ReadonlyMap<string, readonly Case[]> = new Map([
  ['module', moduleCases],
  ['connect', connectCases],
  ['attempts', attemptsCases],
  ['options', optionsCases],
  ['data', dataCases],
  ['end-close', endCloseCases],
  ['order', orderCases],
  ['server', serverCases],
  ['validation', validationCases],
  ['timers', timersCases],
  ['abort', abortCases],
  ['onread', onreadCases],
  ['dualstack', dualstackCases],
  ['spelling', spellingCases],
  ['blocklist', blocklistCases],
  ['diagnostics', diagnosticsCases],
]);
