/** Attempts that nobody answers: time-outs, the next address's turn, and giving up. */
import type { NetConnectOpts } from 'node:net';
import type { Family } from '../../../../src/base/address.ts';
import { cases } from '../case.ts';
import type { Stage } from '../stage.ts';

/** The loopback address of the family that is not the case's. */
function other(on: Stage): { address: string; family: Family } {
  return on.family === 4 ? { address: '::1', family: 6 } : { address: '127.0.0.1', family: 4 };
}

/** Options that lead to the silent place first, and then to the other family's loopback. */
async function silentFirst(on: Stage): Promise<{ net: typeof on.net; options: NetConnectOpts; port: number }> {
  const { net, address, port } = await on.silence();
  const found = [{ address, family: on.family }, other(on)];
  const lookup = ((_name: string, _options: object, done: (...values: unknown[]) => void) =>
    setImmediate(() => done(null, found))) as never;
  return { net, port, options: { port, host: 'two.example', autoSelectFamilyAttemptTimeout: 40, lookup } };
}

export const attemptsCases = cases(
  {
    name: 'the first address is silent, the second answers',
    covers: [
      'Socket event: connectionAttemptTimeout',
      'connect: autoSelectFamilyAttemptTimeout',
      'Socket.autoSelectFamilyAttemptedAddresses',
    ],
    six: true,
    run: async (_net, on) => {
      const { net, options, port } = await silentFirst(on);
      const server = on.own(net.createServer((peer) => on.own(peer).end('here')));
      await on.listen(server, { port, host: other(on).address }, 'silent');
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses', 'bytesRead');
    },
  },
  {
    name: 'the first address is silent, the second refuses: the list of errors says ETIMEDOUT',
    covers: ['ETIMEDOUT', 'ECONNREFUSED', 'Socket event: connectionAttemptTimeout', 'connect: autoSelectFamily'],
    six: true,
    run: async (_net, on) => {
      const { net, options } = await silentFirst(on);
      const client = on.watch('client', net.connect(options));
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'silent, refused, answered: the families take turns, and each attempt has its own end',
    covers: [
      'Socket event: connectionAttemptTimeout',
      'Socket event: connectionAttemptFailed',
      'connect: autoSelectFamily',
      'Socket.autoSelectFamilyAttemptedAddresses',
    ],
    six: true,
    run: async (_net, on) => {
      const { net, address, port } = await on.silence();
      // The same family as the silent one, on an address that has a port to itself: 127.0.0.2, mapped for IPv6.
      const third = on.family === 4 ? '127.0.0.2' : '::ffff:127.0.0.2';
      const server = on.own(net.createServer((peer) => on.own(peer).end('here')));
      await on.listen(server, { port, host: third }, 'silent');
      const found = [{ address, family: on.family }, { address: third, family: on.family }, other(on)];
      const lookup = ((_name: string, _options: object, done: (...values: unknown[]) => void) =>
        setImmediate(() => done(null, found))) as never;
      const client = on.watch(
        'client',
        net.connect({ port, host: 'three.example', autoSelectFamilyAttemptTimeout: 40, lookup }),
        true,
      );
      client.on('connect', () => on.state('client', client, 'connect', 'remoteAddress', 'remoteFamily'));
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses', 'bytesRead');
    },
  },
  {
    name: 'destroy in connectionAttemptTimeout',
    covers: ['Socket event: connectionAttemptTimeout', 'Socket.destroy'],
    six: true,
    run: async (_net, on) => {
      const { net, options } = await silentFirst(on);
      const client = on.watch('client', net.connect(options));
      client.on('connectionAttemptTimeout', () => client.destroy());
      await on.closed(client);
    },
  },
  {
    name: 'timeout while connecting is an event only',
    covers: ['connect: timeout', 'Socket event: timeout', 'Socket.connecting'],
    run: async (_net, on) => {
      const { net, address, port } = await on.silence();
      const client = on.watch('client', net.connect({ port, host: address, timeout: 50 }));
      await on.until(client, 'timeout');
      on.state('client', client, 'timeout');
      client.destroy();
      await on.closed(client);
    },
  },
  {
    name: 'a connection under way is destroyed with what was written',
    covers: ['Socket.destroy', 'ERR_SOCKET_CLOSED', 'Socket.bytesWritten', 'Socket.bufferSize'],
    run: async (_net, on) => {
      const { net, address, port } = await on.silence();
      const client = on.watch('client', net.connect(port, address));
      on.note('client', 'write', client.write('for nobody', on.called('client', 'written')));
      client.end(on.called('client', 'ended'));
      await on.wait(30);
      on.state('client', client, 'waiting', 'connecting', 'pending', 'readyState', 'bytesWritten', 'bufferSize');
      client.destroy();
      await on.closed(client);
    },
  },
  {
    name: 'a signal ends the waiting',
    covers: ['new Socket: signal', 'ABORT_ERR'],
    run: async (_net, on) => {
      const { net, address, port } = await on.silence();
      const signal = AbortSignal.timeout(40);
      const client = on.watch('client', net.connect({ port, host: address, signal }));
      await on.closed(client);
    },
  },
  {
    name: 'resetAndDestroy waits as long as the connection does',
    covers: ['Socket.resetAndDestroy'],
    run: async (_net, on) => {
      const { net, address, port } = await on.silence();
      const client = on.watch('client', net.connect(port, address));
      client.resetAndDestroy();
      await on.wait(30);
      on.state('client', client, 'waiting');
      client.destroy();
      await on.closed(client);
    },
  },
);
