/** A certificate for `synwave.test` that signs itself, made anew for each run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const OPENSSL = 'openssl';

let made: Certificate | null = null;

/** Node.js can read certificates but not make them: OpenSSL's command does. */
export function certificate(): Certificate {
  if (made !== null) return made;
  const folder = mkdtempSync(join(tmpdir(), 'synwave-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const about = ['-subj', '/CN=synwave.test', '-addext', 'subjectAltName=DNS:synwave.test', '-days', '2'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(OPENSSL, ['req', '-x509', ...kind, ...about, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}
