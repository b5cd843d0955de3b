/** Before the library is built: the last build goes, and the pages that npm shows come to lie where it packs from. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const library = new URL('packages/synwave/', root);

rmSync(new URL('dist', library), { recursive: true, force: true });
for (const page of ['LICENSE', 'README.md', 'README.zh-CN.md'])
  if (existsSync(new URL(page, root))) copyFileSync(new URL(page, root), new URL(page, library));
