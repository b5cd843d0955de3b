/** WorldStuckError: a program waits for what never comes; and the report that tells what everybody was waiting for. */
import type { Micros } from '../base/time.ts';
import type { ConnectionName } from '../stack/events.ts';
import type { TcpInfo } from '../tcp/info.ts';
import type { Cable } from './cable.ts';
import type { SimHost } from './host.ts';
import { type LogLine, secondsText } from './log.ts';
import type { Switch } from './switch.ts';
import type { Timeline } from './timeline.ts';

/** What is told at most: of what happened last in the world and on each connection; connections; waits and timers. */
const LAST = 20;
const LAST_OF_EACH = 6;
const CONNECTIONS = 50;
const WAITS = 50;

/** What a world knows of itself when it is stuck. */
export interface Situation {
  readonly timeline: Timeline;
  readonly hosts: readonly SimHost[];
  readonly switches: readonly Switch[];
  readonly cables: readonly Cable[];
  /** The times that programs sleep until. */
  readonly sleeps: readonly Micros[];
  /** One line for each timer of the program's that is armed, the next one first. */
  readonly timers: readonly string[];
}

/** The world cannot go on. The message tells who waits for what, the state of every host, and what happened last. */
export class WorldStuckError extends Error {
  /** The virtual time at which it was found. */
  readonly time: Micros;

  constructor(why: string, situation: Situation) {
    super(report(why, situation));
    this.name = 'WorldStuckError';
    this.time = situation.timeline.now;
  }
}

function report(why: string, { timeline, hosts, switches, cables, sleeps, timers }: Situation): string {
  const lines = [`${why}, at ${secondsText(timeline.now)}`];
  const waits = hosts.flatMap((host) => host.waits().map((each) => `${host.name}: ${each}`));
  for (const until of sleeps) waits.push(`sleep until ${secondsText(until)}`);
  waits.push(...timers);
  lines.push(...listed('who waits:', waits, WAITS));
  for (const host of hosts) lines.push(...hostLines(host));
  for (const { name, down } of switches) if (down) lines.push(`switch ${name} is without power`);
  for (const { name, plugged, unplugged } of cables) {
    const oneWay = plugged ? ` for what ${unplugged.join()} sends` : '';
    if (unplugged.length > 0) lines.push(`cable ${name} is unplugged${oneWay}`);
  }
  if (timeline.partition !== null) lines.push(`partition: ${timeline.partition.text}`);
  const events = timeline.log.lines();
  const last = events.slice(-LAST).map(({ text }) => text);
  lines.push(...(last.length === 0 ? ['nothing has happened'] : listed('what happened last:', last, LAST)));
  lines.push(...connectionEvents(hosts, events.slice(0, -LAST)));
  return lines.join('\n');
}

function hostLines(host: SimHost): string[] {
  const lines: string[] = [];
  for (const { port, queues } of host.openListeners) {
    lines.push(`  listens on port ${port}: ${queues.waiting} wait to be accepted, ${queues.halfOpen} half open`);
  }
  let connections = 0;
  for (const { name, info } of host.stack.connections(host.now())) {
    const ends = `${endText(name.local, name.localPort)} > ${endText(name.remote, name.remotePort)}`;
    if (++connections <= CONNECTIONS) lines.push(`  ${ends} ${infoText(info)}`);
  }
  if (connections > CONNECTIONS) lines.push(`  and ${connections - CONNECTIONS} connections more`);
  for (const { local, localPort, remote, remotePort, waiting } of host.stack.udp.all()) {
    const peer = remote === null ? '' : ` > ${endText(remote, remotePort)}`;
    lines.push(`  UDP ${endText(local, localPort)}${peer}: ${waiting} datagrams to receive`);
  }
  const state = host.down ? ', without power' : host.paused ? ', paused' : '';
  return [`host ${host.name}${state}:${lines.length === 0 ? ' no connection, no listener' : ''}`, ...lines];
}

/** What befell connections that are still there, before what has been told of the whole world. */
function connectionEvents(hosts: readonly SimHost[], events: readonly LogLine[]): string[] {
  const told = new Set<string>();
  const lines: string[] = [];
  for (const host of hosts) {
    for (const { name } of host.stack.connections(host.now())) {
      const [there, back] = waysOf(name);
      if (told.has(there) || told.size >= CONNECTIONS) continue;
      told.add(there).add(back);
      const of = events.filter(({ packet }) => packet.includes(there) || packet.includes(back)).slice(-LAST_OF_EACH);
      if (of.length === 0) continue;
      const ends = `${endText(name.local, name.localPort)} > ${endText(name.remote, name.remotePort)}`;
      lines.push(
        ...listed(
          `before, on ${ends}:`,
          of.map(({ text }) => text),
          LAST_OF_EACH,
        ),
      );
    }
  }
  return lines;
}

/** As packets are printed, both ways. */
function waysOf({ local, localPort, remote, remotePort }: ConnectionName): [string, string] {
  const [here, there] = [`${local}.${localPort}`, `${remote}.${remotePort}`];
  return [` ${here} > ${there}: `, ` ${there} > ${here}: `];
}

function listed(title: string, lines: readonly string[], most: number): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > most ? [`  and ${lines.length - most} more`] : [];
  return [title, ...lines.slice(0, most).map((line) => `  ${line}`), ...more];
}

function infoText({ state, snd, rcv, timers }: TcpInfo): string {
  const running = Object.entries(timers).map(([name, left]) => `${name} in ${secondsText(left)}`);
  const timersText = running.length === 0 ? 'no timer' : running.join(', ');
  return `${state}: ${rcv.readable} to read, ${snd.flight} in flight, ${snd.unsent} unsent; ${timersText}`;
}

function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
