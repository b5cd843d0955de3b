/** Record: plays a scenario to its end, and takes down what the page shows. */
import {
  type HostView,
  type Intervention,
  parseScenario,
  play,
  type Run,
  type Scenario,
  spanText,
  type When,
} from 'synwave/sim';
import type { MomentRecord, Recording, Tale, WindowSeries } from './protocol.ts';

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
  const initial = run.view();
  const counts = playOut(run);
  const moments: MomentRecord[] = run.moments.map(({ time, host, events }, i) => ({
    time,
    host,
    events,
    worldEvents: counts[i] ?? 0,
  }));
  const goal = scenario.challenge?.goal ?? null;
  const goalAt = goal === null ? -1 : moments.findIndex(({ events }) => events.some((event) => goal.matches(event)));
  const views = viewsOf(run, moments.length);
  const recording: Recording = {
    id: scenario.id,
    variant,
    seed: run.seed,
    interventions,
    hosts: run.plot.hosts.map(({ name, title }) => ({ name, title, addresses: addressesOf(run, name) })),
    links: run.plot.links.map(({ between, impairments }, i) => ({
      between,
      name: run.stage.cables[i]?.name ?? '',
      impairments,
    })),
    moments,
    initial,
    packets: run.packets,
    names: Object.fromEntries(run.plot.hosts.map(({ name }) => [name, run.namesOn(name)])),
    tale: taleOf(scenario, run),
    script: run.plot.script.map(({ when, who, deed }) => ({ when: whenText(when), who, deed })),
    windows: windowsOf(run, views),
    steps: run.steps,
    problem: run.verdict().problem,
    goalAt: goalAt < 0 ? null : goalAt,
    hasGoal: goal !== null,
    end: run.now,
    cut: !run.ended,
    capture: null,
  };
  return { recording, views };
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

function whenText(when: When): string {
  if (when.type === 'at') return spanText(when.time);
  return `${when.pattern.text}${when.after === 0 ? '' : ` + ${spanText(when.after)}`}`;
}

/** The congestion windows of all connections, where they change. */
function windowsOf(run: Run, views: readonly (readonly HostView[])[]): WindowSeries[] {
  const found = new Map<string, { series: WindowSeries; points: [number, number, number][] }>();
  for (const [i, view] of views.entries()) {
    const time = run.moments[i]?.time ?? 0;
    for (const { name, connections } of view) {
      for (const { connection, info } of connections) {
        const { cwnd, ssthresh } = info.congestion;
        const key = `${name} ${connection.id}`;
        let entry = found.get(key);
        if (entry === undefined) {
          const points: [number, number, number][] = [];
          entry = { series: { host: name, connection, points }, points };
          found.set(key, entry);
        }
        const known = Number.isFinite(ssthresh) ? ssthresh : 0;
        const last = entry.points.at(-1);
        if (last?.[1] !== cwnd || last[2] !== known) entry.points.push([time, cwnd, known]);
      }
    }
  }
  return [...found.values()].map(({ series }) => series);
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
