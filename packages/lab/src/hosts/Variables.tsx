/** SND and RCV: the variables of RFC 9293 §3.3.1; a change flashes. */
import type { JSX } from 'preact';
import type { TcpInfo } from 'synwave';
import { runLabels } from '../state/derived.ts';
import { labels } from '../state/settings.ts';
import { spanText } from '../text/spans.ts';

export function Variables({ info }: { readonly info: TcpInfo }): JSX.Element {
  const { snd, rcv, congestion, rto } = info;
  const rows: readonly (readonly [string, string])[] = [
    ['SND.UNA', sequence(snd.una, snd.iss)],
    ['SND.NXT', sequence(snd.nxt, snd.iss)],
    ['SND.WND', countText(snd.wnd)],
    ['RCV.NXT', info.state === 'SYN-SENT' || Number.isNaN(rcv.nxt) ? '–' : sequence(rcv.nxt, rcv.irs)],
    ['RCV.WND', countText(rcv.wnd)],
    ['cwnd', countText(congestion.cwnd)],
    ['RTO', Number.isNaN(rto) ? '–' : spanText(rto)],
  ];
  return (
    <dl class="variables">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd key={value} class="flash">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** NaN: a capture does not tell. */
function countText(value: number): string {
  return Number.isNaN(value) ? '–' : String(value);
}

/** A sequence number as the labels have it: `x+1`, `1`, or as on the wire. */
export function sequence(number: number, initial: number): string {
  if (labels.value === 'raw') return String(number);
  const at = (number - initial) | 0;
  if (labels.value === 'relative') return String(at);
  const letter = runLabels.value.meanings.flat().find(({ base, value }) => base === null && value === initial)?.name;
  if (letter === undefined) return String(at);
  return at === 0 ? letter : `${letter}${at < 0 ? '' : '+'}${at}`;
}
