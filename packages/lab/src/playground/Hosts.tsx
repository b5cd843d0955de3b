/** Which host asks, and which one answers. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';

const clientWanted: Signal<string | null> = signal(null);
const serverWanted: Signal<string | null> = signal(null);

/** The names of both, among the hosts that there are; the two are never the same. */
export function pair(): readonly [string, string] {
  const names = recording.value?.hosts.map(({ name }) => name) ?? [];
  const client = names.find((name) => name === clientWanted.value) ?? names[0] ?? '';
  const others = names.filter((name) => name !== client);
  return [client, others.find((name) => name === serverWanted.value) ?? others[0] ?? ''];
}

interface Props {
  readonly which: 'client' | 'server';
  readonly name: string;
}

export function HostChoice({ which, name }: Props): JSX.Element | null {
  const run = recording.value;
  const [client, server] = pair();
  if (run === null) return null;
  const value = which === 'client' ? client : server;
  const choices = run.hosts.filter((each) => which === 'client' || each.name !== client);
  return (
    <select
      aria-label={name}
      data-which={which}
      value={value}
      onChange={({ currentTarget }) => {
        (which === 'client' ? clientWanted : serverWanted).value = currentTarget.value;
      }}
    >
      {choices.map((each) => (
        <option key={each.name} value={each.name} selected={each.name === value}>
          {hostTitle(run, each.name)}
        </option>
      ))}
    </select>
  );
}
