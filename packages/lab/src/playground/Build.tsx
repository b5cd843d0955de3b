/** Build: the playground's hosts and the links between them, the servers on the hosts, and the settings of TCP. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { save } from '../header/download.ts';
import { failure, recording } from '../state/run.ts';
import type { HostSetup, Setup } from '../state/setup.ts';
import { words } from '../text/texts.ts';
import { Server } from './Server.tsx';
import { Settings } from './Settings.tsx';
import { build, isBetween, joinedOrCut, MOST_HOSTS, renamed, reset, setupNow, withHost, withoutHost } from './setup.ts';
import { said } from './texts.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './playground.css';

/** The host whose name and server are shown. */
const chosenHost: Signal<string> = signal('server');

/** The host on the map that was clicked: the next click joins it with another. */
const from: Signal<string | null> = signal(null);

export function Build(): JSX.Element {
  const setup = setupNow();
  const host = setup.hosts.find(({ name }) => name === chosenHost.value) ?? setup.hosts[0];
  return (
    <div class="build">
      <Topology setup={setup} />
      {host === undefined ? null : <Host setup={setup} host={host} />}
      <Settings setup={setup} />
      <Files setup={setup} />
    </div>
  );
}

/** Where a host stands on the map, in percent. */
function placeOf(i: number, all: number): readonly [number, number] {
  if (all <= 2) return [i === 0 ? 18 : 82, 50];
  const angle = Math.PI + (i * 2 * Math.PI) / all;
  return [50 + 36 * Math.cos(angle), 50 + 36 * Math.sin(angle)];
}

function Topology({ setup }: { readonly setup: Setup }): JSX.Element {
  const t = said.value;
  const { hosts, links } = setup;
  const at = (name: string): readonly [number, number] =>
    placeOf(
      hosts.findIndex((each) => each.name === name),
      hosts.length,
    );
  const click = (name: string): void => {
    const first = from.value;
    chosenHost.value = name;
    from.value = first === null ? name : null;
    if (first !== null && first !== name) void build(joinedOrCut(setup, first, name));
  };
  return (
    <section class="build-part topology">
      <h3>
        {t.hosts}
        <button type="button" disabled={hosts.length >= MOST_HOSTS} onClick={() => void build(withHost(setup))}>
          + {t.addHost}
        </button>
      </h3>
      <div class="map">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {links.map(({ between: [a, b] }) => {
            const [[x1, y1], [x2, y2]] = [at(a), at(b)];
            return <line key={`${a} ${b}`} x1={x1} y1={y1} x2={x2} y2={y2} />;
          })}
        </svg>
        {hosts.map(({ name, title }) => {
          const [x, y] = at(name);
          return (
            <button
              key={name}
              type="button"
              data-host={name}
              aria-pressed={name === from.value}
              style={{ left: `${x}%`, top: `${y}%` }}
              onClick={() => click(name)}
            >
              {words(title)}
            </button>
          );
        })}
      </div>
      <p class="quiet">{t.joinHint}</p>
    </section>
  );
}

function Host({ setup, host: { name, title } }: { readonly setup: Setup; readonly host: HostSetup }): JSX.Element {
  const t = said.value;
  const joined = setup.hosts.filter((each) => setup.links.some((link) => isBetween(link, name, each.name)));
  return (
    <section class="build-part">
      <div class="chips" role="group" aria-label={t.hosts}>
        {setup.hosts.map((each) => (
          <button
            key={each.name}
            type="button"
            aria-pressed={each.name === name}
            onClick={() => {
              chosenHost.value = each.name;
            }}
          >
            {words(each.title)}
          </button>
        ))}
      </div>
      <label class="line">
        <span>{t.hostName}</span>
        <input
          type="text"
          maxLength={16}
          value={words(title)}
          onChange={({ currentTarget }) => {
            const wanted = currentTarget.value.trim();
            if (wanted !== '') void build(renamed(setup, name, wanted));
          }}
        />
      </label>
      <div class="line cables">
        <span>{t.cables}</span>
        {setup.hosts.map((each) =>
          each.name === name ? null : (
            <label key={each.name}>
              <input
                type="checkbox"
                checked={joined.some((other) => other.name === each.name)}
                onChange={() => void build(joinedOrCut(setup, name, each.name))}
              />
              {words(each.title)}
            </label>
          ),
        )}
      </div>
      <Server setup={setup} host={name} />
      <p>
        <button type="button" disabled={setup.hosts.length <= 1} onClick={() => void build(withoutHost(setup, name))}>
          {t.removeHost} {words(title)}
        </button>
      </p>
    </section>
  );
}

/** A scenario that was made here leaves as a file, and comes back as one. */
function Files({ setup }: { readonly setup: Setup }): JSX.Element {
  const t = said.value;
  return (
    <p class="build-files">
      <button type="button" data-do="save-scenario" onClick={() => void saveScenario(setup)}>
        {t.save}
      </button>
      <label class="file-button">
        {t.load}
        <input
          class="unseen"
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            currentTarget.value = '';
            if (file !== undefined) void open(file);
          }}
        />
      </label>
      <button type="button" onClick={() => void reset()}>
        {t.reset}
      </button>
      <span class="quiet">{t.fileNote}</span>
    </p>
  );
}

async function saveScenario(setup: Setup): Promise<void> {
  const { fileOf } = await import('./file.ts');
  const run = recording.peek();
  if (run === null) return;
  const text = `${JSON.stringify(fileOf(setup, run), null, 2)}\n`;
  save(new Blob([text], { type: 'application/json' }), 'my-scenario.json');
}

async function open(file: File): Promise<void> {
  const { setupIn } = await import('./file.ts');
  const setup = setupIn(await file.text());
  if (setup === null) failure.value = `${file.name}: ${said.value.loadFailed}`;
  else await build(setup);
}
