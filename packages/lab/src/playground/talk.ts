/** Talk: what programs have said to each other over their sockets, up to the moment that is looked at. */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Deed } from 'synwave/sim';
import { play } from '../state/playing.ts';
import { act, now, position, recording } from '../state/run.ts';

export interface Said {
  readonly time: number;
  readonly call: 'read' | 'write';
  readonly octets: Uint8Array;
}

/** What went over one socket of one host. */
export interface Talk {
  readonly host: string;
  readonly socket: string;
  readonly said: Said[];
  /** Why it ended: `0: the end`, `ECONNREFUSED`; null: it has not. */
  ended: string | null;
}

/** All of them, the youngest last. */
export const talks: ReadonlySignal<readonly Talk[]> = computed(() => {
  const all = new Map<string, Talk>();
  const moments = recording.value?.moments ?? [];
  for (let i = 0; i <= position.value; i++) {
    for (const event of moments[i]?.events ?? []) {
      if (event.type === 'call' && event.call === 'connect') {
        all.delete(`${event.host} ${event.socket}`);
        all.set(`${event.host} ${event.socket}`, { host: event.host, socket: event.socket, said: [], ended: null });
      }
      if (event.type !== 'return') continue;
      const { host, socket, call, octets, result, failed, time } = event;
      const accepted = call === 'accept' && !failed ? /^(.+), from /.exec(result)?.[1] : undefined;
      if (accepted !== undefined) all.set(`${host} ${accepted}`, { host, socket: accepted, said: [], ended: null });
      const talk = all.get(`${host} ${socket}`);
      if (talk === undefined) continue;
      if ((call === 'read' || call === 'write') && octets !== null) talk.said.push({ time, call, octets });
      else if (failed || (call === 'read' && octets === null)) talk.ended = result;
    }
  }
  return [...all.values()];
});

/** A name that no socket of the run has. */
export function freshName(letter: string): string {
  const names = recording.peek()?.names ?? {};
  const taken = new Set(Object.values(names).flatMap(({ sockets }) => sockets));
  let i = 1;
  while (taken.has(`${letter}${i}`)) i++;
  return `${letter}${i}`;
}

/** A program does something now; then time goes on. */
export async function doNow(who: string, deed: Deed): Promise<void> {
  await act({ type: 'deed', moment: position.value, time: now.value, who, deed });
  play();
}

export function connectDeed(to: string, as: string, name: string, settings: Record<string, string> = {}): Deed {
  return { do: 'connect', to, port: 80, from: 0, as, app: { name, settings }, config: {} };
}

export function textOf(said: readonly Said[]): string {
  const decoder = new TextDecoder();
  return said.map(({ octets }) => decoder.decode(octets, { stream: true })).join('');
}
