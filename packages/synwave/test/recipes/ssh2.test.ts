/** docs/recipes/ssh2.md: ssh2, client and server: a command with input, output and exit code; a forwarded connection; a refused key. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import ssh2 from 'ssh2';
import { describe, expect } from 'vitest';
import { body, close, listen, tested } from './places.ts';

const { Client, Server, utils } = ssh2;

/** Host key and user key, made anew for each run. */
const keys = { host: utils.generateKeyPairSync('ed25519'), user: utils.generateKeyPairSync('ed25519') };
const stranger = utils.generateKeyPairSync('ed25519');

/** A server for one user that runs `shout`: its input in capital letters; exit code 3. */
function shouting(): ssh2.Server {
  const known = utils.parseKey(keys.user.public);
  if (known instanceof Error || Array.isArray(known)) throw new Error('no key');
  return new Server({ hostKeys: [keys.host.private] }, (connection) => {
    connection.on('authentication', (context) => {
      const isKnown = context.method === 'publickey' && context.key.data.equals(known.getPublicSSH());
      // Without a signature it is only asked whether the key would do. `verify` may answer an Error, which is true to `if`.
      const signed: unknown =
        context.method === 'publickey' && context.blob !== undefined
          ? known.verify(context.blob, context.signature as Buffer, context.hashAlgo)
          : true;
      if (isKnown && signed === true) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('error', () => undefined); // a client that has gone
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.stderr.write(`running ${command}`);
        channel.on('data', (chunk: Buffer) => channel.write(chunk.toString('latin1').toUpperCase()));
        channel.on('end', () => {
          channel.exit(3);
          channel.end();
        });
      });
    });
    connection.on('tcpip', (accept, _reject, { destPort }) => {
      const channel: Duplex = accept();
      channel.end(`port ${destPort}`);
    });
  });
}

describe('a command, a forwarded connection, and a key that nobody knows', () => {
  tested(async ({ client, server, size }) => {
    const ssh = shouting();
    const listening = await listen(server, 22, (socket) => ssh.injectSocket(socket));
    const session = new Client();
    const sock = client.connect(22, 'server');
    session.connect({ sock, username: 'wave', privateKey: keys.user.private, readyTimeout: 0 });
    await once(session, 'ready');

    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      session.exec('shout', (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
    });
    const input = body(size / 2).toString('hex');
    const exit = once(channel, 'exit') as Promise<[number]>;
    channel.end(input);
    const [output, error, [code]] = await Promise.all([buffer(channel), buffer(channel.stderr), exit]);
    expect(output.toString() === input.toUpperCase()).toBe(true);
    expect(error.toString()).toBe('running shout');
    expect(code).toBe(3);

    const forwarded = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      session.forwardOut('here', 1, 'there', 8080, (failed, opened) =>
        failed === undefined ? resolve(opened) : reject(failed),
      );
    });
    expect(String(await buffer(forwarded))).toBe('port 8080');
    expect((sock.address() as AddressInfo).address).toMatch(/^(10\.0\.0\.1|fd00::1)$/);
    session.end();
    await once(session, 'close');

    const refused = new Client();
    refused.connect({
      sock: client.connect(22, 'server'),
      username: 'wave',
      privateKey: stranger.private,
      readyTimeout: 0,
    });
    const [why] = (await once(refused, 'error')) as [Error];
    expect(why).toMatchObject({ level: 'client-authentication' });
    refused.end();
    await close(listening);
  });
});
