/** What the reader makes a host's programs do, and what befalls the host: each click changes history from here on. */
import { computed, type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Deed, HostView } from 'synwave/sim';
import { pause } from '../state/playing.ts';
import { act, now, position, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { text } from '../text/texts.ts';
import { type NamedSocket, sockets } from './connections.ts';

export function Buttons({ view }: { readonly view: HostView }): JSX.Element {
  const t = text.value;
  const mine = sockets.value.get(view.name) ?? [];
  const connection = mine.findLast(({ type }) => type === 'connection') ?? null;
  const listener = mine.find(({ type }) => type === 'listener') ?? null;
  return (
    <div class="buttons">
      <fieldset disabled={view.down}>
        <legend>{t.application}</legend>
        {connection === null ? null : <Talking view={view} socket={connection} />}
        {connection === null || recording.value?.id === 'playground' ? (
          <Opening view={view} listener={listener} />
        ) : null}
      </fieldset>
      <fieldset>
        <legend>{t.power}</legend>
        {view.down ? (
          <Do view={view} deed={{ do: 'boot' }} name={t.doBoot} />
        ) : (
          <Do view={view} deed={{ do: 'crash' }} name={t.doCrash} />
        )}
        <Cables view={view} />
        {view.paused ? (
          <Do view={view} deed={{ do: 'resume' }} name={t.doResume} />
        ) : (
          <Do view={view} deed={{ do: 'pause' }} name={t.doPause} />
        )}
      </fieldset>
    </div>
  );
}

/** Apps that a listener may be given here. */
const apps = ['echo', 'http', 'file', 'shell', 'chat', 'read'] as const;

/** The app for the next listener of each host. */
const wantedApp: Signal<Readonly<Record<string, string>>> = signal({});

/** A listener, a connection to each of the others. */
function Opening({ view, listener }: { readonly view: HostView; readonly listener: NamedSocket | null }): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const peers = run?.hosts.filter(({ name }) => name !== view.name) ?? [];
  const app = wantedApp.value[view.name] ?? 'echo';
  const listen: Deed = {
    do: 'listen',
    port: 80,
    as: 'listener',
    backlog: null,
    synBacklog: null,
    app: { name: app, settings: {} },
    config: {},
  };
  const names = run?.names[view.name]?.sockets ?? [];
  const as = names.includes('mine') ? `mine-${names.length + 1}` : 'mine';
  return (
    <>
      {listener === null ? (
        <span class="with-choice">
          <Do view={view} deed={listen} name={t.doListen} />
          <select
            aria-label={t.listenApp}
            title={t.listenApp}
            value={app}
            onChange={({ currentTarget }) => {
              wantedApp.value = { ...wantedApp.value, [view.name]: currentTarget.value };
            }}
          >
            {apps.map((each) => (
              <option key={each} value={each} selected={each === app}>
                {t.apps[each]}
              </option>
            ))}
          </select>
        </span>
      ) : (
        <Do view={view} deed={{ do: 'close', socket: listener.name }} name={t.doCloseListener} />
      )}
      {peers.map(({ name: to }) => (
        <Do
          key={to}
          view={view}
          deed={{ do: 'connect', to, port: 80, from: 0, as, app: null, config: {} }}
          name={peers.length === 1 || run === null ? t.doConnect : `${t.doConnect} ${hostTitle(run, to)}`}
        />
      ))}
    </>
  );
}

function Talking({ view, socket: { name } }: { readonly view: HostView; readonly socket: NamedSocket }): JSX.Element {
  const t = text.value;
  const write = (octets: number): Deed => ({ do: 'write', socket: name, content: { octets }, times: 1, every: 0 });
  return (
    <>
      <Do view={view} deed={write(100)} name={`${t.doWrite} 100`} />
      <Do view={view} deed={write(10_000)} name="10k" />
      <Do view={view} deed={{ do: 'read', socket: name, octets: 65_536 }} name={t.doRead} />
      <Do view={view} deed={{ do: 'shutdown', socket: name }} name={t.doShutdown} />
      <Do view={view} deed={{ do: 'close', socket: name }} name={t.doClose} />
      <Do view={view} deed={{ do: 'abort', socket: name }} name={t.doAbort} />
    </>
  );
}

/** Plugs or unplugs each of a host's cables, whichever makes sense now. */
function Cables({ view }: { readonly view: HostView }): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const links = run?.links.filter(({ between }) => between.includes(view.name)) ?? [];
  return (
    <>
      {links.map(({ between: [a, b], name }) => {
        const peer = a === view.name ? b : a;
        const isOut = isUnplugged(name);
        const title = links.length === 1 || run === null ? '' : ` ${hostTitle(run, peer)}`;
        return (
          <Do
            key={name}
            view={view}
            deed={{ do: isOut ? 'plug' : 'unplug', peer: links.length === 1 ? null : peer }}
            name={(isOut ? t.doPlug : t.doUnplug) + title}
          />
        );
      })}
    </>
  );
}

/** When a cable was plugged in or out. */
const plugs = computed(() =>
  (recording.value?.moments ?? []).flatMap(({ events }, moment) =>
    events.flatMap((event) =>
      event.type === 'cable' && event.what !== 'changed'
        ? [{ moment, cable: event.cable, isOut: event.what === 'unplugged' }]
        : [],
    ),
  ),
);

function isUnplugged(cable: string): boolean {
  const at = position.value;
  return plugs.value.findLast((each) => each.moment <= at && each.cable === cable)?.isOut ?? false;
}

function Do({
  view,
  deed,
  name,
}: {
  readonly view: HostView;
  readonly deed: Deed;
  readonly name: string;
}): JSX.Element {
  return (
    <button
      type="button"
      data-do={deed.do}
      title={text.value.forkHere}
      onClick={() => {
        pause();
        void act({ type: 'deed', moment: position.value, time: now.value, who: view.name, deed });
      }}
    >
      {name}
    </button>
  );
}
