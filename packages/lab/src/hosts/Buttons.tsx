/** What the reader makes a host's programs do, and what befalls the host: each click changes history from here on. */
import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import type { Deed, HostView } from 'synwave/sim';
import { pause } from '../state/playing.ts';
import { act, now, position, recording } from '../state/run.ts';
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
        {connection === null ? (
          <Opening view={view} listener={listener} />
        ) : (
          <Talking view={view} socket={connection} />
        )}
      </fieldset>
      <fieldset>
        <legend>{t.power}</legend>
        {view.down ? (
          <Do view={view} deed={{ do: 'boot' }} name={t.doBoot} />
        ) : (
          <Do view={view} deed={{ do: 'crash' }} name={t.doCrash} />
        )}
        <Cable view={view} />
        {view.paused ? (
          <Do view={view} deed={{ do: 'resume' }} name={t.doResume} />
        ) : (
          <Do view={view} deed={{ do: 'pause' }} name={t.doPause} />
        )}
      </fieldset>
    </div>
  );
}

/** There is no connection yet. */
function Opening({ view, listener }: { readonly view: HostView; readonly listener: NamedSocket | null }): JSX.Element {
  const t = text.value;
  const peer = recording.value?.hosts.find(({ name }) => name !== view.name)?.name;
  const listen: Deed = {
    do: 'listen',
    port: 80,
    as: 'listener',
    backlog: null,
    synBacklog: null,
    app: { name: 'echo', settings: {} },
    config: {},
  };
  return (
    <>
      {listener === null ? (
        <Do view={view} deed={listen} name={t.doListen} />
      ) : (
        <Do view={view} deed={{ do: 'close', socket: listener.name }} name={t.doClose} />
      )}
      {peer === undefined ? null : (
        <Do
          view={view}
          deed={{ do: 'connect', to: peer, port: 80, from: 0, as: 'mine', app: null, config: {} }}
          name={t.doConnect}
        />
      )}
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

/** Plugs or unplugs a host's first cable, whichever makes sense now. */
function Cable({ view }: { readonly view: HostView }): JSX.Element {
  const t = text.value;
  return isUnplugged() ? (
    <Do view={view} deed={{ do: 'plug', peer: null }} name={t.doPlug} />
  ) : (
    <Do view={view} deed={{ do: 'unplug', peer: null }} name={t.doUnplug} />
  );
}

/** When a cable was plugged in or out. */
const plugs = computed(() =>
  (recording.value?.moments ?? []).flatMap(({ events }, moment) =>
    events.flatMap((event) =>
      event.type === 'cable' && event.what !== 'changed' ? [{ moment, isOut: event.what === 'unplugged' }] : [],
    ),
  ),
);

function isUnplugged(): boolean {
  const at = position.value;
  return plugs.value.findLast(({ moment }) => moment <= at)?.isOut ?? false;
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
