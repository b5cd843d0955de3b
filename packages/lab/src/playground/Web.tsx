/** A small browser: a page that one host fetches of another over the stack, shown as far as it has come. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { addressOf } from '../drawer/program.ts';
import { hosts, recording } from '../state/run.ts';
import { HostChoice, pair } from './Hosts.tsx';
import { connectDeed, doNow, freshName, type Talk, talks, textOf } from './talk.ts';
import { said } from './texts.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './playground.css';

const paths = ['/', '/long', '/request', '/nothing'];
const path: Signal<string> = signal('/');

/** What came may be anything: no script runs, nothing is loaded, no link leads away. */
const GUARD = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"><base target="_blank"><meta name="color-scheme" content="light"><style>body{font:14px/1.5 system-ui,sans-serif;margin:10px}h1{font-size:18px;margin:0 0 6px}</style>`;

export function Web(): JSX.Element {
  const t = said.value.web;
  const run = recording.value;
  const [client, server] = pair();
  const isServed = hosts.value.find(({ name }) => name === server)?.listeners.some(({ port }) => port === 80) === true;
  const fetched = talks.value.findLast(({ host, socket }) => host === client && /^w\d+$/.test(socket));
  if (run === null) return <p />;
  return (
    <div class="web">
      <form
        class="web-bar"
        onSubmit={(event) => {
          event.preventDefault();
          const settings = { path: path.value, host: addressOf(run, server) };
          void doNow(client, connectDeed(server, freshName('w'), 'get', settings));
        }}
      >
        <span>{t.client}</span>
        <HostChoice which="client" name={t.client} />
        <span>{t.fetches} http://</span>
        <HostChoice which="server" name={t.fetches} />
        <input
          type="text"
          list="web-paths"
          aria-label={t.path}
          value={path.value}
          pattern="/\S*"
          onInput={({ currentTarget }) => {
            path.value = currentTarget.value;
          }}
        />
        <datalist id="web-paths">
          {paths.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <button type="submit" data-do="get">
          {t.go}
        </button>
      </form>
      {isServed ? null : (
        <p>
          {t.noServer}{' '}
          <button type="button" data-do="serve" onClick={() => void doNow(server, httpServer)}>
            {t.start}
          </button>
        </p>
      )}
      {fetched === undefined ? <p class="quiet">{t.none}</p> : <Fetched talk={fetched} />}
    </div>
  );
}

const httpServer = {
  do: 'listen',
  port: 80,
  as: 'web',
  backlog: null,
  synBacklog: null,
  app: { name: 'http', settings: {} },
  config: {},
} as const;

function Fetched({ talk }: { readonly talk: Talk }): JSX.Element {
  const t = said.value.web;
  const request = textOf(talk.said.filter(({ call }) => call === 'write'));
  const answer = textOf(talk.said.filter(({ call }) => call === 'read'));
  const end = answer.indexOf('\r\n\r\n');
  const head = end < 0 ? answer : answer.slice(0, end);
  const body = end < 0 ? '' : answer.slice(end + 4);
  const all = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const come = new TextEncoder().encode(body).length;
  const status = /^HTTP\/1\.\d (.*)$/m.exec(head)?.[1]?.trim() ?? '';
  const isWhole = end >= 0 && come >= all;
  const failed = talk.ended !== null && !isWhole;
  return (
    <div class="web-page">
      <div>
        <p class="web-state" role="status">
          {failed
            ? t.failed(talk.ended ?? '')
            : isWhole
              ? t.whole(status, come)
              : end < 0
                ? t.waiting
                : t.partly(come, all)}
        </p>
        <iframe title={t.page} sandbox="" srcdoc={GUARD + body} />
      </div>
      <div>
        <p class="quiet">{t.source}</p>
        <pre tabIndex={0}>
          <b>{request}</b>
          {head}
          {body === '' ? '' : `\n\n${body.slice(0, 2000)}`}
        </pre>
      </div>
    </div>
  );
}
