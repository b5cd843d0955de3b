/** Addresses as programs write them. */
import { describe, expect, test } from 'vitest';
import { formatSocketAddress, socketAddress } from '../../src/web/names.ts';

describe('addresses of sockets', () => {
  test.each([
    ['example.test:80', 'example.test', 80],
    ['10.0.0.1:65535', '10.0.0.1', 65_535],
    ['[::1]:1', '::1', 1],
    ['[::ffff:10.0.0.1]:443', '::ffff:10.0.0.1', 443],
  ])('%s', (written, hostname, port) => {
    expect(socketAddress(written)).toEqual({ hostname, port });
    expect(socketAddress({ hostname, port })).toEqual({ hostname, port });
    expect(formatSocketAddress(hostname, port)).toBe(written);
  });

  test.each(['', ':80', 'host', 'host:', 'host:0', 'host:65536', 'host:1x', '::1:80', '[::1]', '[host]:80', 'a b:80'])(
    'not "%s"',
    (written) => {
      expect(() => socketAddress(written)).toThrow(TypeError);
    },
  );

  test.each([
    { hostname: '', port: 80 },
    { hostname: 'host', port: 0 },
    { hostname: 'host', port: 80.5 },
    { hostname: 'host', port: '80' as unknown as number },
    { hostname: 1 as unknown as string, port: 80 },
  ])('not %j', (address) => {
    expect(() => socketAddress(address)).toThrow(/is no address of a socket/);
  });
});
