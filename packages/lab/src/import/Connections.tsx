/** The connections of a capture: one is chosen, and shown as a run. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { FIN, RST, SYN } from 'synwave';
import { recording } from '../state/run.ts';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import { capture, chooseConnection } from './client.ts';
import type { ConnectionEntry } from './protocol.ts';

/** More rows are of no use to anybody: there is the filter. */
const MOST_ROWS = 200;

export function Connections(): JSX.Element {
  const t = text.value.capture;
  const typed = useSignal('');
  const opened = capture.value;
  if (opened === null) return <p>{text.value.nothingYet}</p>;
  const { connections, packets, others, problem, name } = opened;
  const found = connections
    .map((entry, number) => ({ entry, number }))
    .filter(({ entry }) => `${entry.ends.join(' ')} ${entry.place}`.includes(typed.value.trim()));
  const shown = recording.value?.capture?.file === name ? recording.value.capture.connection : -1;
  return (
    <>
      <h2>{t.title}</h2>
      <p>
        <b>{name}</b> · {t.note(packets, others)}
      </p>
      {problem === null ? null : <p class="notice bad">{t.broken(problem)}</p>}
      {connections.length < 8 ? null : (
        <input
          type="search"
          class="connection-filter"
          placeholder={t.filter}
          aria-label={t.filter}
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
      )}
      <table class="run-table connection-table">
        <thead>
          <tr>
            {['#', t.ends, t.segments, t.data, t.begins, t.lasts, t.flags].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.slice(0, MOST_ROWS).map(({ entry, number }) => (
            <Row key={number} entry={entry} number={number} isShown={number === shown} />
          ))}
        </tbody>
      </table>
      {found.length > MOST_ROWS ? <p class="quiet">{t.moreRows(found.length - MOST_ROWS)}</p> : null}
    </>
  );
}

function Row({
  entry,
  number,
  isShown,
}: {
  readonly entry: ConnectionEntry;
  readonly number: number;
  readonly isShown: boolean;
}): JSX.Element {
  const { ends, place, segments, octets, begins, lasts, flags } = entry;
  const bits = [SYN, FIN, RST].flatMap((bit, i) => ((flags & bit) === 0 ? [] : [['SYN', 'FIN', 'RST'][i]]));
  return (
    <tr aria-current={isShown ? 'true' : undefined}>
      <td>
        <button type="button" onClick={() => chooseConnection(number)}>
          {number + 1}
        </button>
      </td>
      <td class="number">
        {ends[0]} ↔ {ends[1]}
        {place === '' ? '' : ` · ${place}`}
      </td>
      <td class="number">{segments.toLocaleString('en-US')}</td>
      <td class="number">{octets.toLocaleString('en-US')}</td>
      <td class="number">{spanText(begins)}</td>
      <td class="number">{spanText(lasts)}</td>
      <td>{bits.join(' ')}</td>
    </tr>
  );
}
