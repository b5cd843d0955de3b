/** One host: its state, its variables, its timers and buffers, and what can be done there. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { HostView } from 'synwave/sim';
import { hosts, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { text } from '../text/texts.ts';
import { Buffers } from './Buffers.tsx';
import { Buttons } from './Buttons.tsx';
import { openCard } from './Chips.tsx';
import { chosenConnection, connectionOf, stateOf } from './connections.ts';
import { MiniDiagram } from './MiniDiagram.tsx';
import { pathOf } from './path.ts';
import { StatePill } from './StatePill.tsx';
import { Timers } from './Timers.tsx';
import { Variables } from './Variables.tsx';

export function HostCard({
  name,
  side,
}: {
  readonly name: string;
  readonly side: 'left' | 'right';
}): JSX.Element | null {
  const run = recording.value;
  const view = useComputed(() => hosts.value.find((each) => each.name === name));
  if (run === null || view.value === undefined) return null;
  const shown = view.value;
  const t = text.value;
  const connection = connectionOf(shown);
  const state = stateOf(shown);
  const addresses = run.hosts.find((each) => each.name === name)?.addresses ?? [];
  return (
    <section
      class={`card ${side}${shown.down ? ' down' : ''}${openCard.value === name ? ' open' : ''}`}
      aria-label={hostTitle(run, name)}
    >
      <header>
        <h2>{hostTitle(run, name)}</h2>
        <span class="address">{addresses.join(' ')}</span>
      </header>
      <p class="card-state">
        <StatePill state={state} />
        {run.capture === null ? null : (
          <span class="inferred" title={t.capture.inferredMore}>
            {t.capture.inferred}
          </span>
        )}
        {shown.down ? <span class="warn">{t.down}</span> : null}
        {shown.paused ? <span class="warn">{t.paused}</span> : null}
      </p>
      <Connections view={shown} />
      <MiniDiagram state={state} path={pathOf(name, connection?.connection.id ?? null)} />
      {connection === null ? <p class="quiet">{t.noConnection}</p> : <Variables info={connection.info} />}
      {connection === null ? null : <Timers host={name} view={connection} />}
      {connection === null ? null : <Buffers info={connection.info} />}
      <Listeners view={shown} />
      {run.capture === null ? <Buttons view={shown} /> : null}
    </section>
  );
}

/** Where there are several: which one is looked at. */
function Connections({ view }: { readonly view: HostView }): JSX.Element | null {
  const { name, connections, count } = view;
  if (connections.length < 2) return null;
  const chosen = connectionOf(view)?.connection.id;
  return (
    <div class="connections">
      <div class="connection-list" role="radiogroup" aria-label={text.value.connections}>
        {connections.map(({ connection, info }) => (
          <button
            key={connection.id}
            type="button"
            role="radio"
            aria-checked={connection.id === chosen}
            onClick={() => {
              chosenConnection.value = { ...chosenConnection.value, [name]: connection.id };
            }}
          >
            <span class="number">
              :{connection.localPort} ↔ {connection.remote}:{connection.remotePort}
            </span>
            <StatePill state={info.state} small />
          </button>
        ))}
      </div>
      {count > connections.length ? (
        <p class="quiet">{text.value.moreConnections(count - connections.length)}</p>
      ) : null}
    </div>
  );
}

function Listeners({ view }: { readonly view: HostView }): JSX.Element | null {
  const t = text.value;
  if (view.listeners.length === 0) return null;
  return (
    <div class="listeners">
      {view.listeners.map(({ port, waiting, backlog, halfOpen }) => (
        <p key={port}>
          <StatePill state="LISTEN" small /> <span class="number">:{port}</span>
          <span>
            {t.halfOpen}{' '}
            <b key={halfOpen} class="flash number">
              {halfOpen}
            </b>
          </span>
          <span>
            {t.acceptQueue}{' '}
            <b key={waiting} class="flash number">
              {waiting}
            </b>
            /{backlog}
          </span>
        </p>
      ))}
      {view.cookies > 0 ? <p>{t.cookies(view.cookies)}</p> : null}
    </div>
  );
}
