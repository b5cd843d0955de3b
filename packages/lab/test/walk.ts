/** Walk: through a scenario by keyboard, holding each moment of the page against a run of the stack outside of it. */
import { readFileSync } from 'node:fs';
import { type HostView, parseScenario, play, type Run } from 'synwave/sim';
import { expect } from 'vitest';
import type { LabPage } from './page.ts';

/** The run, as the stack plays it here. */
function playHere(id: string, variant: string | null): Run {
  const path = new URL(`../../synwave/scenarios/${id}.json`, import.meta.url);
  const run = play(parseScenario(JSON.parse(readFileSync(path, 'utf8'))), { variant, snapshots: true });
  run.finish();
  return run;
}

/** Steps to each moment of a scenario by the arrow key, and compares. */
export async function walk(lab: LabPage, id: string, variant: string | null, lang: 'zh' | 'en'): Promise<void> {
  const run = playHere(id, variant);
  const { moments, packets, steps, plot } = run;
  await lab.show(`s=${id}${variant === null ? '' : `&v=${variant}`}&lang=${lang}&labels=raw&t=0`);
  expect(await lab.counter()).toEqual([0, moments.length]);
  for (const [i, { time }] of moments.entries()) {
    await lab.press('ArrowRight');
    const where = `${id} ${variant ?? ''} ${lang}, moment ${i + 1}`;
    expect(await lab.counter(), where).toEqual([i + 1, moments.length]);
    const view = viewAt(run, i);
    if (view !== null) expect(await lab.states(), where).toEqual(view.map(stateOf));
    const told = steps.filter(({ moment }) => moment === i);
    if (told.length > 0) {
      expect(await lab.texts('.told-step .part:first-child p'), where).toEqual(
        told.map(({ step }) => plot.steps[step]?.what[lang]),
      );
    }
    // The youngest packet of the moment is in sight, with its own numbers.
    const sent = packets.findLast(({ sentAt, segment }) => sentAt === time && segment !== null);
    const isSent = moments[i]?.events.some((event) => event.type === 'sent' && event.packet === sent) ?? false;
    if (sent?.segment && isSent) {
      const label = await lab.text(`.packet[data-packet="${sent.id}"] .label`);
      expect(label, where).toContain(String(sent.segment.seq));
      if (sent.segment.length > 0) expect(label, where).toContain(String(sent.segment.length));
    }
  }
}

/** Where two moments came of one event of the world, the second one has the view. */
function viewAt(run: Run, moment: number): readonly HostView[] | null {
  const view = run.viewAt(moment);
  return view.length > 0 ? view : null;
}

/** What a card is to show: the youngest connection that is not in TIME-WAIT, or the youngest; else whether anybody listens. */
function stateOf({ connections, listeners }: HostView): string {
  const shown = connections.findLast(({ info }) => info.state !== 'TIME-WAIT') ?? connections.at(-1);
  return shown?.info.state ?? (listeners.length > 0 ? 'LISTEN' : 'CLOSED');
}
