/** Record: plays a scenario to its end, and takes down what the page shows. */
import { type HostView, type Intervention, parseScenario, play, type Run, type Scenario } from 'synwave/sim';
import type { MomentRecord, Recording, Tale } from './protocol.ts';

/** A run of more moments than this is cut: nobody steps through them, and each takes memory. */
const MOST_MOMENTS = 60_000;

/** A recording, and the views of the hosts at the end of each moment. */
export interface Recorded {
  readonly recording: Recording;
  readonly views: readonly (readonly HostView[])[];
}

/** Throws ScenarioError or RangeError for a file or a choice that makes no sense. */
export function record(
  file: unknown,
  variant: string | null,
  seed: number | string | null,
  interventions: readonly Intervention[],
): Recorded {
  const scenario = parseScenario(file);
  const run = play(scenario, { variant, ...(seed === null ? {} : { seed }), interventions, snapshots: true });
  const counts = playOut(run);
  const moments: MomentRecord[] = run.moments.map(({ time, host, events }, i) => ({
    time,
    host,
    events,
    worldEvents: counts[i] ?? 0,
  }));
  const goal = scenario.challenge?.goal ?? null;
  const goalAt = goal === null ? -1 : moments.findIndex(({ events }) => events.some((event) => goal.matches(event)));
  const recording: Recording = {
    id: scenario.id,
    variant,
    seed: run.seed,
    interventions,
    hosts: run.plot.hosts.map(({ name, title }) => ({ name, title, addresses: addressesOf(run, name) })),
    links: run.plot.links.map(({ between, impairments: { delay = 0, loss = 0, rate = 0 } }) => ({
      between,
      delay,
      loss,
      rate,
    })),
    moments,
    packets: run.packets,
    names: Object.fromEntries(run.plot.hosts.map(({ name }) => [name, run.namesOn(name)])),
    tale: taleOf(scenario, run),
    steps: run.steps,
    problem: run.verdict().problem,
    goalAt: goalAt < 0 ? null : goalAt,
    hasGoal: goal !== null,
    end: run.now,
    cut: !run.ended,
  };
  return { recording, views: viewsOf(run, moments.length) };
}

/** Plays it out, and counts the events of the world that had happened at the end of each moment. */
function playOut(run: Run): number[] {
  const counts: number[] = [];
  while (run.advance(Number.POSITIVE_INFINITY, 1)) {
    const { length } = run.moments;
    while (counts.length < length) counts.push(run.world.events);
    if (length > 0) counts[length - 1] = run.world.events;
    if (length > MOST_MOMENTS) break;
  }
  while (counts.length < run.moments.length) counts.push(run.world.events);
  return counts;
}

/** Where two moments came of one event of the world, there is one view for both. */
function viewsOf(run: Run, count: number): (readonly HostView[])[] {
  const views: (readonly HostView[])[] = [];
  let next: readonly HostView[] = run.view();
  for (let i = count - 1; i >= 0; i--) {
    const view = run.viewAt(i);
    if (view.length > 0) next = view;
    views[i] = next;
  }
  return views;
}

function addressesOf(run: Run, name: string): string[] {
  const addresses: string[] = [];
  for (const [i, { between }] of run.plot.links.entries()) {
    const at = between.indexOf(name);
    if (at >= 0) addresses.push(`10.${i >> 8}.${i & 0xff}.${at + 1}`);
  }
  return addresses;
}

function taleOf(scenario: Scenario, run: Run): Tale {
  const { title, summary, predict, misconceptions, questions, challenge } = scenario;
  return {
    title,
    summary,
    steps: run.plot.steps.map(({ on, what, why, notice, rfc }) => ({ on: on.text, what, why, notice, rfc })),
    predict,
    misconceptions,
    questions,
    challenge: challenge === null ? null : { task: challenge.task, hint: challenge.hint },
  };
}
