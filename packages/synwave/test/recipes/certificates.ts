/** Certificates for a server and a client, and the authority that vouches for both, made anew for each run by `openssl`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one side shows: its key and its certificate, as PEM. */
interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** For the name `server`. */
  readonly server: Identity;
  /** For `CN=a client`. */
  readonly client: Identity;
}

/** Node.js can read certificates but not make them: without the command there are none. */
export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0;

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

let made: Certificates | null = null;

export function certificates(): Certificates {
  made ??= make();
  return made;
}

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'synwave-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  try {
    const authority = ['-subj', '/CN=an authority', '-days', '2', '-keyout', at('ca.key'), '-out', at('ca.pem')];
    openssl('req', '-x509', ...NEW_KEY, ...authority);
    const signed = (subject: string, extensions: string): Identity => {
      const [key, request, cert] = [at('key'), at('request'), at('cert')];
      writeFileSync(at('extensions'), extensions);
      openssl('req', '-new', ...NEW_KEY, '-subj', `/CN=${subject}`, '-keyout', key, '-out', request);
      const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('extensions')];
      openssl('x509', '-req', '-in', request, '-days', '2', ...by, '-out', cert);
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    };
    return {
      ca: readFileSync(at('ca.pem'), 'utf8'),
      server: signed('server', 'subjectAltName=DNS:server\nextendedKeyUsage=serverAuth\n'),
      client: signed('a client', 'extendedKeyUsage=clientAuth\n'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
