/** Seeded: for a run, the program's randomness is drawn from the world's seed, or is refused. */
import { syncBuiltinESMExports } from 'node:module';
import { drawFrom, putDelegates, type Source } from './delegates.ts';
import { Patches } from './patches.ts';

export class Seeded {
  private readonly patches: Patches = new Patches();
  private readonly before: Source | null;

  constructor(source: Source) {
    this.before = drawFrom(source);
    try {
      putDelegates(this.patches);
      syncBuiltinESMExports();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    drawFrom(this.before);
    this.patches.undo();
    syncBuiltinESMExports();
  }
}
