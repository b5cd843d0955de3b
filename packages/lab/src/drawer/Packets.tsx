/** The packets as tcpdump prints them. */
import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Frame, PacketPrinter } from 'synwave';
import { now, recording, selected, sentAt, stepTo } from '../state/run.ts';
import { labels } from '../state/settings.ts';
import { timeText } from '../text/spans.ts';
import { text } from '../text/texts.ts';

const lines = computed(() => {
  const printer = new PacketPrinter({ absolute: labels.value === 'raw' });
  return (recording.value?.packets ?? []).map(({ octets }) => printer.line(Frame.from(octets)));
});

/** The last ones; all of them are in the capture. */
const MOST = 300;

export function Packets(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const sent = (run?.packets ?? []).filter((packet) => packet.sentAt <= now.value);
  const shown = sent.slice(-MOST);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [sent.length]);
  return (
    <div class="packets">
      <p class="quiet">{t.packetsNote}</p>
      <ol ref={list}>
        {shown.map((packet) => (
          <li key={packet.id} class={packet.id === selected.value ? 'selected' : ''}>
            <button
              type="button"
              onClick={() => {
                if (run !== null) stepTo(sentAt(run, packet.id));
                selected.value = packet.id;
              }}
            >
              <span class="when">{timeText(packet.sentAt)}</span> {lines.value[packet.id]}
              {packet.fates.length === 0 ? null : <b> [{packet.fates.map((fate) => fateText(fate)).join(', ')}]</b>}
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function fateText(fate: string): string {
  const t = text.value;
  const names: Readonly<Record<string, string>> = {
    ...t.drops,
    corrupted: t.corrupted,
    duplicated: t.duplicated,
    marked: t.marked,
    late: t.late,
  };
  return names[fate] ?? fate;
}
