/** Debian's Chromium, for tests that need a real page. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where it is; null, said loudly, when it is not installed: the tests that need it are then skipped. */
export function findChromium(): string | null {
  const given = process.env['CHROMIUM'];
  const found = (given === undefined ? PATHS : [given]).find((path) => existsSync(path)) ?? null;
  if (found === null) {
    process.stderr.write(
      '\n*** Chromium is not installed: tests in a browser are SKIPPED (CHROMIUM names its path) ***\n\n',
    );
  }
  return found;
}

/** Starts it without a window; it asks nothing of the network by itself. */
export function launch(executablePath: string): Promise<Browser> {
  const quiet = ['background-networking', 'component-update', 'sync', 'quic'].map((what) => `--disable-${what}`);
  return chromium.launch({ executablePath, args: [...quiet, '--no-first-run'] });
}
