/** A terminal: what is said over a connection, line by line, and a line to say more: for chat and remote commands. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sockets } from '../hosts/connections.ts';
import { recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { timeText } from '../text/spans.ts';
import type { Recording } from '../worker/protocol.ts';
import { HostChoice, pair } from './Hosts.tsx';
import { connectDeed, doNow, freshName, type Talk, talks, textOf } from './talk.ts';
import { said } from './texts.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './playground.css';

/** `client t1`: which socket's talk is shown; null: the youngest of who connected. */
const chosenTalk: Signal<string | null> = signal(null);

export function Terminal(): JSX.Element {
  const t = said.value.terminal;
  const run = recording.value;
  const all = talks.value;
  if (run === null) return <p />;
  const [client, server] = pair();
  const talk =
    all.find((each) => keyOf(each) === chosenTalk.value) ?? all.findLast(({ host }) => host === client) ?? all.at(-1);
  return (
    <div class="terminal">
      <div class="terminal-bar">
        <HostChoice which="client" name={said.value.web.client} />
        <span aria-hidden="true">→</span>
        <HostChoice which="server" name={t.connectTo} />
        <button
          type="button"
          data-do="talk"
          onClick={() => {
            const as = freshName('t');
            chosenTalk.value = `${client} ${as}`;
            void doNow(client, connectDeed(server, as, 'chat'));
          }}
        >
          {t.connectTo} {hostTitle(run, server)}:80
        </button>
        {all.length === 0 ? null : (
          <select
            aria-label={t.connection}
            value={talk === undefined ? '' : keyOf(talk)}
            onChange={({ currentTarget }) => {
              chosenTalk.value = currentTarget.value;
            }}
          >
            {all.map((each) => (
              <option key={keyOf(each)} value={keyOf(each)} selected={each === talk}>
                {hostTitle(run, each.host)} · {each.socket}
              </option>
            ))}
          </select>
        )}
      </div>
      {talk === undefined ? (
        <p class="quiet">{t.none}</p>
      ) : (
        <>
          <Lines run={run} talk={talk} />
          <Prompt talk={talk} />
        </>
      )}
      <p class="quiet">{t.shell}</p>
    </div>
  );
}

function Lines({ run, talk }: { readonly run: Recording; readonly talk: Talk }): JSX.Element {
  const t = said.value.terminal;
  const list = useRef<HTMLOListElement>(null);
  const { length } = talk.said;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [length]);
  return (
    <ol class="terminal-lines" ref={list} tabIndex={0} aria-label={`${t.connection}: ${hostTitle(run, talk.host)}`}>
      {talk.said.map(({ time, call, octets }, i) => (
        <li key={`${time} ${i}`} class={call}>
          <span class="time">{timeText(time)}</span>
          <span aria-label={call === 'read' ? t.reads : t.writes}>{call === 'read' ? '<' : '>'}</span>
          <pre>{textOf([{ time, call, octets }]).replace(/\n$/, '')}</pre>
        </li>
      ))}
      {talk.ended === null ? null : <li class="quiet">{talk.ended === '0: the end' ? t.ended : talk.ended}</li>}
    </ol>
  );
}

function Prompt({ talk: { host, socket } }: { readonly talk: Talk }): JSX.Element {
  const t = said.value.terminal;
  const isOpen = sockets.value.get(host)?.some(({ name }) => name === socket) === true;
  if (!isOpen) return <p class="quiet">{t.gone}</p>;
  return (
    <form
      class="terminal-prompt"
      onSubmit={(event) => {
        event.preventDefault();
        const input = event.currentTarget.querySelector('input');
        const line = input?.value ?? '';
        if (input) input.value = '';
        void doNow(host, { do: 'write', socket, content: { text: `${line}\n` }, times: 1, every: 0 });
      }}
    >
      <span aria-hidden="true">&gt;</span>
      <input type="text" aria-label={t.line} placeholder={t.line} maxLength={1000} autocomplete="off" />
      <button type="submit">{t.send}</button>
    </form>
  );
}

function keyOf({ host, socket }: Talk): string {
  return `${host} ${socket}`;
}
