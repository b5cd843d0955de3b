/** Errors, with Linux's own table as the referee. */
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { type ErrorCode, errors, fail, SynwaveError } from '../../src/base/errors.ts';

const codes = Object.keys(errors) as ErrorCode[];

test.runIf(process.platform === 'linux').each(codes)('%s has the number that Linux gives it', (code) => {
  expect(errors[code].errno).toBe(constants.errno[code]);
});

test('an error says what failed, why, and by which code', () => {
  const error = new SynwaveError('ECONNREFUSED', 'connect 10.0.0.2:80');
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe(
    'connect 10.0.0.2:80: nobody listens there: the peer refused the connection (ECONNREFUSED)',
  );
  expect([error.name, error.code, error.errno]).toEqual(['SynwaveError', 'ECONNREFUSED', 111]);
});

test('fail throws it', () => {
  expect(() => fail('EINVAL', 'listen')).toThrow(new SynwaveError('EINVAL', 'listen'));
});
