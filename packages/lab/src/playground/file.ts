/** File: the run that is shown as a scenario file, with what the reader has done as its script; and the way back. */
import { deedValue, faultText, type Intervention, type Json, matchOf, spanText } from 'synwave/sim';
import { type Setup, setupOf } from '../state/setup.ts';
import type { Recording } from '../worker/protocol.ts';

/** The JSON value of a scenario file that plays the same. */
export function fileOf(setup: Setup, run: Recording): Record<string, unknown> {
  const { script, ...plot } = setup;
  const words = { zh: '我的场景', en: 'My scenario' };
  const done = run.interventions.flatMap((each) => (each.type === 'deed' ? [lineOf(each)] : []));
  const faults = run.interventions.flatMap((each) => {
    const packet = each.type === 'packet' ? run.packets[each.packet] : undefined;
    if (each.type !== 'packet' || packet === undefined) return [];
    return [{ match: matchOf(packet, run.packets), do: faultText(each.fault) }];
  });
  const before = Array.isArray(setup['faults']) ? (setup['faults'] as unknown[]) : [];
  return {
    title: words,
    summary: words,
    ...plot,
    id: typeof setup['id'] === 'string' ? setup['id'] : 'my-scenario',
    seed: run.seed,
    script: [...script, ...done],
    faults: [...before, ...faults],
    steps: [],
  };
}

/** What a file says, for the playground. Null: it is no scenario file. */
export function setupIn(text: string): Setup | null {
  try {
    return setupOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function lineOf({ time, who, deed }: Extract<Intervention, { type: 'deed' }>): Record<string, Json> {
  return { at: spanText(time), who, ...deedValue(deed) };
}
