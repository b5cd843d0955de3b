/** Tools that some tests hold the page against. */
import { spawnSync } from 'node:child_process';

/** Whether a tool is there; if not, that is said loudly, and what needs it is skipped. */
export function hasTool(name: string): boolean {
  const found = spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found) process.stderr.write(`\n*** ${name} is not installed: tests that need it are SKIPPED ***\n\n`);
  return found;
}
