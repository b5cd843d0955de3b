/** The octets of a packet by layer; pointing at a field lights its octets, and the other way round. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { PacketRecord } from 'synwave/sim';
import { runLabels } from '../state/derived.ts';
import { moment, now, recording, selected } from '../state/run.ts';
import { text } from '../text/texts.ts';
import { dissect, type Field, type Layer } from './dissect.ts';

/** The field that is pointed at, by where it begins. */
const lit: Signal<number | null> = signal(null);

const MOST_SHOWN = 640;
const LINE = 16;

export function Bytes(): JSX.Element {
  const t = text.value;
  const packet = shown();
  if (packet === null) return <p class="quiet">{t.noPacket}</p>;
  const { octets } = packet;
  const fields = dissect(octets);
  const field = fields.find(({ at }) => at === lit.value) ?? null;
  return (
    <div class="bytes">
      <div class="bytes-left">
        <p class="bytes-title">
          #{packet.id + 1} <b>{runLabels.value.of(packet)}</b> · {t.octets(octets.length)}
        </p>
        <Hex octets={octets} fields={fields} />
        <p class="bytes-meaning" role="status">
          {field === null
            ? t.bytesHint
            : `${field.name} = ${field.value}${field.meaning === '' ? '' : ` — ${field.meaning}`}`}
        </p>
      </div>
      <div class="fields">
        {fields.map((each) => (
          <button
            key={each.at}
            type="button"
            class={`field ${each.layer}${each.at === lit.value ? ' lit' : ''}`}
            onPointerEnter={() => light(each.at)}
            onFocus={() => light(each.at)}
          >
            <span>{each.name}</span>
            <b>{each.value}</b>
          </button>
        ))}
      </div>
      <Layers fields={fields} />
    </div>
  );
}

/** The packet that is selected; else the one that the moment is about; else the last one that was sent. */
function shown(): PacketRecord | null {
  const run = recording.value;
  if (run === null) return null;
  const chosen = selected.value;
  if (chosen !== null) return run.packets[chosen] ?? null;
  for (const event of moment.value?.events ?? []) if ('packet' in event) return event.packet;
  return run.packets.findLast(({ sentAt }) => sentAt <= now.value) ?? null;
}

function Hex({ octets, fields }: { readonly octets: Uint8Array; readonly fields: readonly Field[] }): JSX.Element {
  const count = Math.min(octets.length, MOST_SHOWN);
  const lines = Array.from({ length: Math.ceil(count / LINE) }, (_, i) => i * LINE);
  return (
    <pre class="hex" onPointerLeave={() => light(null)}>
      {lines.map((from) => (
        <div key={from}>
          <span class="offset">{from.toString(16).padStart(4, '0')} </span>
          {Array.from(octets.subarray(from, Math.min(from + LINE, count)), (octet, i) => {
            const field = fieldAt(fields, from + i);
            return (
              <span
                key={from + i}
                class={`${field?.layer ?? ''}${field !== null && field.at === lit.value ? ' lit' : ''}`}
                onPointerEnter={() => light(field?.at ?? null)}
              >
                {octet.toString(16).padStart(2, '0')}
              </span>
            );
          })}
        </div>
      ))}
      {octets.length > count ? <div>… +{octets.length - count}</div> : null}
    </pre>
  );
}

const layers: readonly {
  readonly osi: string;
  readonly tcpip: string;
  readonly layer: Layer | null;
  readonly rows: number;
}[] = [
  { osi: 'application', tcpip: 'application', layer: 'payload', rows: 3 },
  { osi: 'transport', tcpip: 'transport', layer: 'transport', rows: 1 },
  { osi: 'network', tcpip: 'internet', layer: 'ip', rows: 1 },
  { osi: 'link', tcpip: 'interface', layer: null, rows: 2 },
];

/** Both models of the textbooks side by side, and which octets belong where. */
function Layers({ fields }: { readonly fields: readonly Field[] }): JSX.Element {
  const t = text.value;
  const sum = (wanted: readonly Layer[]): number =>
    fields.filter(({ layer }) => wanted.includes(layer)).reduce((all, { length }) => all + length, 0);
  return (
    <table class="layers">
      <thead>
        <tr>
          <th scope="col">OSI</th>
          <th scope="col">TCP/IP</th>
          <th scope="col">{t.layers.here}</th>
        </tr>
      </thead>
      <tbody>
        {layers.map(({ osi, tcpip, layer }) => {
          const octets = layer === null ? 0 : sum(layer === 'transport' ? ['transport', 'options'] : [layer]);
          return (
            <tr key={osi} class={layer ?? ''}>
              <td>{t.layers.osi[osi as keyof typeof t.layers.osi]}</td>
              <td>{t.layers.tcpip[tcpip as keyof typeof t.layers.tcpip]}</td>
              <td>{layer === null ? t.layers.none : t.octets(octets)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function fieldAt(fields: readonly Field[], at: number): Field | null {
  return fields.find((field) => at >= field.at && at < field.at + field.length) ?? null;
}

function light(at: number | null): void {
  lit.value = at;
}
