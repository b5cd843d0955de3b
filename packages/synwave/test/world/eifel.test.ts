/** Eifel (RFC 3522) in worlds: what a queue has dropped is no mistake. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import type { Impairments } from '../../src/link/impair.ts';
import { world } from '../../src/sim/index.ts';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { octets } from './data.ts';

async function bulk(congestion: 'cubic' | 'reno', cable: Impairments, size: number): Promise<TcpInfo['counters']> {
  const w = world({ seed: 3, config: { congestion } });
  const [client, server] = [w.host('client'), w.host('server')];
  w.cable(client, server, { delay: 5 * MILLISECOND, ...cable });
  return w.run(async () => {
    const listener = server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    const sent = socket.write(octets(size, 1)).then(() => socket.info().counters);
    const peer = await listener.accept();
    let got = 0;
    void sent.then(() => socket.end());
    if (peer !== null) for await (const chunk of peer) got += chunk.length;
    expect(got).toBe(size);
    return sent;
  });
}

describe.each(['cubic', 'reno'] as const)('%s', (congestion) => {
  test('dozens of episodes behind CoDel, where what one leaves behind goes out again in the next: none is undone', async () => {
    const { fastRecoveries, spurious } = await bulk(congestion, { rate: 10e6, aqm: 'codel' }, 12_000_000);
    expect(fastRecoveries).toBeGreaterThan(30);
    expect(spurious).toBe(0);
  });
});
