/** Views: the hosts at each moment of the recording that is shown; they come page by page from the worker that has it. */
import { type Signal, signal } from '@preact/signals';
import type { HostView } from 'synwave/sim';
import { PAGE, type Recording } from '../worker/protocol.ts';

type Views = readonly (readonly HostView[])[];

interface Kept {
  readonly recording: Recording;
  readonly pages: Map<number, Views>;
  readonly wanted: Set<number>;
  readonly ask: (page: number) => void;
}

let kept: Kept | null = null;
let lastSeen: readonly HostView[] = [];
/** Counted up when views have come. */
const arrivals: Signal<number> = signal(0);

/** From now on views of this recording are kept; `ask` asks for a page of them. */
export function keepViews(recording: Recording, first: Views, ask: (page: number) => void): void {
  kept = { recording, pages: new Map([[0, first]]), wanted: new Set([0]), ask };
}

/** A page of views has come. */
export function viewsCame(page: number, views: Views): void {
  kept?.pages.set(page, views);
  arrivals.value++;
}

/** The hosts at the end of a moment. Those that have not come yet are asked for; until then, the last ones that were seen. */
export function viewsOf(recording: Recording, moment: number): readonly HostView[] {
  void arrivals.value; // so that whoever looks is told when they come
  if (kept?.recording !== recording) return [];
  const { pages, wanted, ask } = kept;
  const page = Math.floor(moment / PAGE);
  for (const each of [page, page + 1]) {
    if (each * PAGE >= recording.moments.length || wanted.has(each)) continue;
    wanted.add(each);
    ask(each);
  }
  lastSeen = pages.get(page)?.[moment - page * PAGE] ?? lastSeen;
  return lastSeen;
}
