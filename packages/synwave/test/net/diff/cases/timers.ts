/** Idle time-outs: an event only, the socket stays as it is. */
import { cases } from '../case.ts';

export const timersCases = cases(
  {
    name: 'an idle socket says timeout and stays open',
    covers: ['Socket.setTimeout', 'Socket event: timeout', 'Socket.timeout'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      on.state('client', client, 'before', 'timeout');
      client.setTimeout(20, on.called('client', 'callback'));
      on.state('client', client, 'set', 'timeout');
      await on.until(client, 'timeout');
      on.state('client', client, 'after', 'timeout', 'destroyed', 'readyState');
    },
  },
  {
    name: 'timeout comes once for one idle spell',
    covers: ['Socket event: timeout'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.setTimeout(20);
      await on.wait(110);
      on.note('client', 'enough');
    },
  },
  {
    name: 'timeout comes again after new activity',
    covers: ['Socket event: timeout', 'Socket.setTimeout'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.setTimeout(25);
      await on.until(client, 'timeout');
      client.write('awake');
      await on.until(client, 'timeout');
      on.note('client', 'twice');
    },
  },
  {
    name: 'activity puts the time-out off',
    covers: ['Socket event: timeout'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.setTimeout(200);
      for (let n = 0; n < 6; n++) {
        await on.wait(50);
        client.write('x');
      }
      on.note('client', 'no time-out yet');
      await on.until(client, 'timeout');
    },
  },
  {
    name: 'what arrives puts the time-out off',
    covers: ['Socket event: timeout', 'Socket event: data'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      client.setTimeout(200);
      for (let n = 0; n < 6; n++) {
        await on.wait(50);
        peer.write('x');
      }
      on.note('client', 'no time-out yet');
      await on.until(client, 'timeout');
    },
  },
  {
    name: 'setTimeout(0) takes it back',
    covers: ['Socket.setTimeout', 'Socket.timeout'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      const callback = on.called('client', 'callback');
      client.setTimeout(20, callback);
      client.setTimeout(0, callback);
      on.state('client', client, 'set', 'timeout');
      on.note('client', 'listeners', client.listenerCount('timeout'));
      await on.wait(60);
      on.note('client', 'nothing came');
    },
  },
  {
    name: 'the callback of setTimeout is a once-listener',
    covers: ['Socket.setTimeout'],
    once: true,
    run: async (net, on) => {
      const socket = on.own(new net.Socket());
      const callback = on.called('socket', 'callback');
      socket.setTimeout(1000, callback);
      on.note('socket', 'listeners', socket.listenerCount('timeout'), socket.listeners('timeout')[0] === callback);
      socket.setTimeout(2000, callback);
      on.note('socket', 'listeners', socket.listenerCount('timeout'));
      socket.emit('timeout');
      on.note('socket', 'listeners', socket.listenerCount('timeout'));
    },
  },
  {
    name: 'a fresh socket has a clock as well',
    covers: ['Socket.setTimeout', 'Socket event: timeout'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      socket.setTimeout(20);
      await on.until(socket, 'timeout');
      on.state('socket', socket);
    },
  },
  {
    name: 'the option timeout of connect',
    covers: ['connect: timeout', 'Socket.timeout', 'Socket event: timeout'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.watch('client', net.connect({ port, host: on.host, timeout: 40 }));
      on.state('client', client, 'called', 'timeout');
      await on.until(client, 'timeout');
      on.state('client', client, 'after', 'timeout', 'readyState');
    },
  },
  {
    name: 'destroy in the time-out, the usual way',
    covers: ['Socket event: timeout', 'Socket.destroy'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.setTimeout(20, () => client.destroy());
      await on.closed(client, peer);
    },
  },
  {
    name: 'end in the time-out',
    covers: ['Socket event: timeout', 'Socket.end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.resume();
      peer.setTimeout(20, () => peer.end('too slow'));
      await on.closed(client, peer);
    },
  },
  {
    name: 'no timeout after close',
    covers: ['Socket event: timeout', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.setTimeout(40);
      client.resume();
      peer.end();
      await on.closed(client);
      on.state('client', client, 'closed', 'timeout');
      await on.wait(80);
      on.note('client', 'nothing came');
    },
  },
  {
    name: 'timeout of a socket that is destroyed is forgotten',
    covers: ['Socket.setTimeout', 'Socket.destroy', 'Socket.timeout'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      socket.setTimeout(20);
      socket.destroy();
      on.state('socket', socket, 'destroyed', 'timeout');
      socket.setTimeout(20);
      on.state('socket', socket, 'set again', 'timeout');
      await on.wait(60);
    },
  },
  {
    name: 'timeout may be a fraction of a millisecond',
    covers: ['Socket.setTimeout', 'Socket.timeout'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      socket.setTimeout(0.5);
      on.state('socket', socket, 'set', 'timeout');
      await on.until(socket, 'timeout');
    },
  },
);
