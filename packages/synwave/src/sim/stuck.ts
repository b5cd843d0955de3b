/** WorldStuckError: a program waits for what never comes; and the report that tells what everybody was waiting for. */
import type { Micros } from '../base/time.ts';
import type { TcpInfo } from '../tcp/info.ts';
import type { Cable } from './cable.ts';
import type { SimHost } from './host.ts';
import { secondsText } from './log.ts';
import type { Switch } from './switch.ts';
import type { Timeline } from './timeline.ts';

/** The world cannot go on. The message tells the state of every host, and what happened last. */
export class WorldStuckError extends Error {
  /** The virtual time at which it was found. */
  readonly time: Micros;

  constructor(
    why: string,
    timeline: Timeline,
    hosts: Iterable<SimHost>,
    switches: Iterable<Switch>,
    cables: Iterable<Cable>,
  ) {
    super(report(why, timeline, hosts, switches, cables));
    this.name = 'WorldStuckError';
    this.time = timeline.now;
  }
}

function report(
  why: string,
  timeline: Timeline,
  hosts: Iterable<SimHost>,
  switches: Iterable<Switch>,
  cables: Iterable<Cable>,
): string {
  const lines = [`${why}, at ${secondsText(timeline.now)}`];
  for (const host of hosts) lines.push(...hostLines(host));
  for (const { name, down } of switches) if (down) lines.push(`switch ${name} is without power`);
  for (const { name, plugged, unplugged } of cables) {
    const oneWay = plugged ? ` for what ${unplugged.join()} sends` : '';
    if (unplugged.length > 0) lines.push(`cable ${name} is unplugged${oneWay}`);
  }
  const last = timeline.log.lines();
  lines.push(last.length === 0 ? 'nothing has happened' : 'what happened last:', ...last.map((line) => `  ${line}`));
  return lines.join('\n');
}

function hostLines(host: SimHost): string[] {
  const lines: string[] = [];
  for (const { port, queues } of host.openListeners) {
    lines.push(`  listens on port ${port}: ${queues.waiting} wait to be accepted, ${queues.halfOpen} half open`);
  }
  for (const { name, info } of host.stack.connections(host.now())) {
    const ends = `${endText(name.local, name.localPort)} > ${endText(name.remote, name.remotePort)}`;
    lines.push(`  ${ends} ${infoText(info)}`);
  }
  for (const { local, localPort, remote, remotePort, waiting } of host.stack.udp.all()) {
    const peer = remote === null ? '' : ` > ${endText(remote, remotePort)}`;
    lines.push(`  UDP ${endText(local, localPort)}${peer}: ${waiting} datagrams to receive`);
  }
  const state = host.down ? ', without power' : host.paused ? ', paused' : '';
  return [`host ${host.name}${state}:${lines.length === 0 ? ' no connection, no listener' : ''}`, ...lines];
}

function infoText({ state, snd, rcv, timers }: TcpInfo): string {
  const running = Object.entries(timers).map(([name, left]) => `${name} in ${secondsText(left)}`);
  const timersText = running.length === 0 ? 'no timer' : running.join(', ');
  return `${state}: ${rcv.readable} to read, ${snd.flight} in flight, ${snd.unsent} unsent; ${timersText}`;
}

function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
