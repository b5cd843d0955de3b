/** A way that leads nowhere any more: what a program is told when the network has said why (RFC 9293 §3.9.2.2). */
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { world } from '../../src/sim/index.ts';
import { icmp } from '../udp/forge.ts';
import { octets } from './data.ts';

describe('R2, with ICMP that came before', () => {
  test.each([
    [1, 'EHOSTUNREACH'],
    [0, 'ENETUNREACH'],
    [4, 'ETIMEDOUT'], // too big, which is another matter
  ])('destination unreachable, code %i: %s', async (code, told) => {
    const w = world({ config: { r2: 3 } });
    const client = w.host('client');
    const server = w.host('server');
    const cable = w.cable(client, server, { delay: 1000 });
    await w.run(async () => {
      server.listen({ port: 80 });
      const socket = client.connect({ address: '10.0.0.2', port: 80 });
      await socket.opened;
      server.crash();
      let quote = new Uint8Array(0);
      const stop = cable.watch(({ type, frame }) => {
        if (type === 'sent') quote = frame.bytes.slice(frame.at, frame.at + 28);
      });
      await socket.write(octets(100, 1));
      await w.sleep(0);
      stop();
      cable.ends[1].send(icmp('10.0.0.2', '10.0.0.1', 3, code, 0, quote));
      await w.sleep(SECOND / 2);
      cable.unplug();
      expect(socket.state).toBe('ESTABLISHED');
      await expect(socket.closed).rejects.toMatchObject({ code: told });
    });
  });
});
