/** Which connection of a host is looked at, and by which names its programs know their sockets. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ConnectionView, HostView, RunEvent } from 'synwave/sim';
import { position, recording } from '../state/run.ts';

/** A socket of a program: of one connection, or a listener. */
export interface NamedSocket {
  readonly name: string;
  readonly type: 'connection' | 'listener' | 'udp';
  /** The far end of an accepted connection, `10.0.0.1:50000`; empty where it is not known. */
  readonly peer: string;
}

/** The reader's choice on each host, by the connection's number. */
export const chosenConnection: Signal<Readonly<Record<string, number>>> = signal({});

/** The one that was chosen, or the youngest. */
export function connectionOf({ name, connections }: HostView): ConnectionView | null {
  const chosen = chosenConnection.value[name];
  const found = connections.find(({ connection }) => connection.id === chosen);
  return found ?? connections.findLast(({ info }) => info.state !== 'TIME-WAIT') ?? connections.at(-1) ?? null;
}

/** What a host's card shows as its state. */
export function stateOf(view: HostView): string {
  return connectionOf(view)?.info.state ?? (view.listeners.length > 0 ? 'LISTEN' : 'CLOSED');
}

type Sockets = ReadonlyMap<string, readonly NamedSocket[]>;

/** The sockets of each host, from each moment on in which something becomes of them. */
const changes = computed(() => {
  const run = recording.value;
  const found: { readonly moment: number; readonly sockets: Sockets }[] = [];
  if (run === null) return found;
  const all = new Map<string, NamedSocket[]>(run.hosts.map(({ name }) => [name, []]));
  for (const [moment, { events }] of run.moments.entries()) {
    const mine = events.filter(concernsSockets);
    if (mine.length === 0) continue;
    for (const event of mine) take(all, event);
    found.push({ moment, sockets: new Map([...all].map(([name, sockets_]) => [name, [...sockets_]])) });
  }
  return found;
});

/** The sockets of each host at the moment that is looked at. */
export const sockets: ReadonlySignal<Sockets> = computed(() => {
  const at = position.value;
  return changes.value.findLast(({ moment }) => moment <= at)?.sockets ?? new Map<string, NamedSocket[]>();
});

/** Calls that make a socket, or end it. */
const decisive: ReadonlySet<string> = new Set(['connect', 'close', 'abort', 'bind', 'listen', 'accept']);

function concernsSockets(event: RunEvent): boolean {
  if (event.type === 'host') return event.what === 'crashes';
  return (event.type === 'call' || event.type === 'return') && decisive.has(event.call);
}

function take(all: Map<string, NamedSocket[]>, event: RunEvent): void {
  if (event.type === 'host' && event.what === 'crashes') all.set(event.host, []);
  if (event.type !== 'return' && event.type !== 'call') return;
  const mine = all.get(event.host) ?? [];
  const add = (socket: NamedSocket): void => {
    if (mine.every(({ name }) => name !== socket.name)) mine.push(socket);
  };
  if (event.type === 'call') {
    if (event.call === 'connect')
      add({ name: event.socket, type: 'connection', peer: event.detail.replace(' port ', ':') });
    if (event.call === 'close' || event.call === 'abort')
      all.set(
        event.host,
        mine.filter(({ name }) => name !== event.socket),
      );
    if (event.call === 'bind') add({ name: event.socket, type: 'udp', peer: '' });
    return;
  }
  if (event.failed) return;
  if (event.call === 'listen') {
    all.set(event.host, [
      ...mine.filter(({ name }) => name !== event.socket),
      { name: event.socket, type: 'listener', peer: '' },
    ]);
  }
  const accepted = event.call === 'accept' ? /^(.+), from (\S+) port (\d+)$/.exec(event.result) : null;
  if (accepted !== null) add({ name: accepted[1] ?? '', type: 'connection', peer: `${accepted[2]}:${accepted[3]}` });
}
