/** docs/recipes/https.md: TLS 1.3 with certificates on both sides, alone and under https. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { describe, expect } from 'vitest';
import { certificates, hasOpenssl } from './certificates.ts';
import { body, close, listen, tested } from './places.ts';

/** Both sides refuse whom the authority does not vouch for, and all but TLS 1.3. */
function settings() {
  const { ca, server, client } = certificates();
  const minVersion = 'TLSv1.3';
  return {
    forServer: { ca, ...server, minVersion, requestCert: true, rejectUnauthorized: true },
    forClient: { ca, ...client, minVersion, servername: 'server' },
    stranger: { ca, minVersion, servername: 'server' },
  } as const;
}

function nameOf(secure: tls.TLSSocket): string {
  return String(secure.getPeerCertificate().subject.CN);
}

const title = hasOpenssl ? '' : ' (SKIPPED: no openssl command to make certificates with)';

describe.skipIf(!hasOpenssl)(`TLS: an echo for clients with a certificate${title}`, () => {
  tested(async ({ client, server, size }) => {
    const { forServer, forClient } = settings();
    const secureContext = tls.createSecureContext(forServer);
    const seen: unknown[] = [];
    const accept = (socket: Socket): void => {
      const secure = new tls.TLSSocket(socket, { ...forServer, isServer: true, secureContext });
      secure.on('secure', () => seen.push(nameOf(secure)));
      secure.pipe(secure);
    };
    // The client ends before it has its answer: the socket below must not end at once on its own.
    const listening = await listen(server, 443, accept, { allowHalfOpen: true });
    const secure = tls.connect({ ...forClient, socket: client.connect(443, 'server') });
    await once(secure, 'secureConnect');
    expect(secure.authorized).toBe(true);
    expect(secure.getProtocol()).toBe('TLSv1.3');
    const secret = body(size);
    secure.end(secret);
    expect((await buffer(secure)).equals(secret)).toBe(true);
    expect(seen).toEqual(['a client']);
    await close(listening);
  });
});

describe.skipIf(!hasOpenssl)(`https: requests of a client with a certificate; one without is refused${title}`, () => {
  tested(async ({ client, server, size }) => {
    const { forServer, forClient, stranger } = settings();
    const web = https.createServer(forServer, (request, response) => {
      response.setHeader('x-who', nameOf(request.socket as tls.TLSSocket));
      request.pipe(response);
    });
    const listening = await listen(server, 443, (socket) => web.emit('connection', socket));
    const agentFor = (about: tls.ConnectionOptions): https.Agent => {
      const agent = new https.Agent({ keepAlive: true });
      const createConnection = (options: { host: string; port: number }): tls.TLSSocket =>
        tls.connect({ ...about, socket: client.connect(options.port, options.host) });
      return Object.assign(agent, { createConnection });
    };
    const agent = agentFor(forClient);
    const content = body(size);
    for (const reused of [false, true]) {
      const request = https.request({ host: 'server', method: 'POST', agent });
      request.end(content);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.headers['x-who']).toBe('a client');
      expect((await buffer(response)).equals(content)).toBe(true);
      expect(request.reusedSocket).toBe(reused);
      await setImmediate();
    }
    agent.destroy();
    const refusal = once(web, 'tlsClientError') as Promise<[Error, Socket]>;
    const request = https.get({ host: 'server', agent: agentFor(stranger) });
    const [told] = (await once(request, 'error')) as [NodeJS.ErrnoException];
    expect(told.code).toMatch(/^(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED|ECONNRESET)$/);
    expect((await refusal)[0]).toMatchObject({ code: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' });
    await close(listening);
  });
});
