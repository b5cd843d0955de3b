/** TCB: all that the stack keeps of the connection that is looked at on each host. */
import type { JSX } from 'preact';
import type { HostView } from 'synwave/sim';
import { connectionOf } from '../hosts/connections.ts';
import { sequence } from '../hosts/Variables.tsx';
import { hosts, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { spanText } from '../text/spans.ts';
import { stateText } from '../text/states.ts';
import { text } from '../text/texts.ts';

export function Tcb(): JSX.Element {
  return (
    <div class="tcbs">
      {hosts.value.map((view) => (
        <One key={view.name} view={view} />
      ))}
    </div>
  );
}

function One({ view }: { readonly view: HostView }): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const title = run === null ? view.name : hostTitle(run, view.name);
  const connection = connectionOf(view);
  if (connection === null) {
    return (
      <section>
        <h3>{title}</h3>
        <p class="quiet">{t.noConnection}</p>
      </section>
    );
  }
  const { snd, rcv, options, rtt, rto, congestion, counters, attempts } = connection.info;
  const { local, localPort, remote, remotePort } = connection.connection;
  const yes = (on: boolean): string => (on ? '✓' : '–');
  const groups: readonly (readonly [string, readonly (readonly [string, string | number])[]])[] = [
    [
      'SND',
      [
        ['ISS', snd.iss],
        ['UNA', sequence(snd.una, snd.iss)],
        ['NXT', sequence(snd.nxt, snd.iss)],
        ['WND', snd.wnd],
        ['WL1', snd.wl1],
        ['WL2', snd.wl2],
        ['MSS', snd.mss],
        ['scale', snd.scale],
        [t.inFlight, snd.flight],
        [t.unsent, snd.unsent],
        [t.tcb.buffer, snd.buffer],
      ],
    ],
    [
      'RCV',
      [
        ['IRS', rcv.irs],
        ['NXT', sequence(rcv.nxt, rcv.irs)],
        ['WND', rcv.wnd],
        ['MSS', rcv.mss],
        ['scale', rcv.scale],
        [t.readable, rcv.readable],
        [t.ahead, rcv.ahead],
        [t.tcb.buffer, rcv.buffer],
      ],
    ],
    [
      t.tcb.time,
      [
        ['SRTT', spanText(Math.round(rtt.srtt))],
        ['RTTVAR', spanText(Math.round(rtt.rttvar))],
        ['RTO', spanText(Math.round(rto))],
        [t.tcb.attempts, attempts],
      ],
    ],
    [
      t.tcb.congestion,
      [
        [t.tcb.controller, congestion.controller],
        ['cwnd', congestion.cwnd],
        ['ssthresh', Number.isFinite(congestion.ssthresh) ? congestion.ssthresh : '∞'],
        ['pipe', congestion.pipe],
        [t.tcb.phase, congestion.phase],
      ],
    ],
    [
      t.tcb.options,
      [
        ['SACK', yes(options.sack)],
        ['timestamps', yes(options.timestamps)],
        ['window scale', yes(options.windowScale)],
        ['ECN', yes(options.ecn)],
      ],
    ],
    [t.tcb.counters, Object.entries(counters).filter(([, count]) => count > 0)],
  ];
  // What a capture does not tell is NaN, or empty.
  const isKnown = ([, value]: readonly [string, string | number]): boolean => !/^$|NaN/.test(String(value));
  const known = run?.capture === null ? groups : groups.slice(0, 2);
  return (
    <section>
      <h3>
        {title} <span class="number">{stateText(connection.info.state)}</span>{' '}
        <span class="address">
          {local}:{localPort} ↔ {remote}:{remotePort}
        </span>
      </h3>
      <div class="tcb-groups">
        {known.map(([name, rows]) => (
          <div key={name} class="tcb-group">
            <h4>{name}</h4>
            <dl>
              {rows.filter(isKnown).map(([variable, value]) => (
                <div key={variable}>
                  <dt>{variable}</dt>
                  <dd key={String(value)} class="flash">
                    {value}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
}
