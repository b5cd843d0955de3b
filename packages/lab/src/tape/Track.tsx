/** The track behind the tape's knob: the states of each host as bands, and a tick for what stands out. */
import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import { FIN, RST, SYN } from 'synwave';
import type { RunEvent } from 'synwave/sim';
import { layout } from '../state/derived.ts';
import { position, recording, total } from '../state/run.ts';
import { stateColour } from '../text/states.ts';

/** More ticks than this cannot be told apart. */
const MOST_TICKS = 400;

interface Tick {
  readonly at: number;
  readonly kind: string;
}

const ticks = computed(() => {
  const found: Tick[] = [];
  for (const [at, { events }] of (recording.value?.moments ?? []).entries()) {
    const kind = events.map(kindOf).find((each) => each !== null) ?? null;
    if (kind !== null) found.push({ at, kind });
  }
  const every = Math.ceil(found.length / MOST_TICKS);
  return found.filter((_, i) => i % every === 0);
});

const bands = computed(() => {
  const all = layout.value.bands;
  const count = total.value;
  return (recording.value?.hosts ?? []).slice(0, 4).map((_, host) => {
    const mine = all.filter((band) => band.host === host);
    const shown =
      mine.length > MOST_TICKS ? mine.filter((_band, i) => i % Math.ceil(mine.length / MOST_TICKS) === 0) : mine;
    return shown.map(({ state, begin }, i) => ({ state, x: begin + 1, width: (shown[i + 1]?.begin ?? count) - begin }));
  });
});

export function Track(): JSX.Element {
  const count = Math.max(total.value, 1);
  return (
    <svg class="track-svg" viewBox={`0 0 ${count} 32`} preserveAspectRatio="none" aria-hidden="true">
      <Picture />
      <rect class="future" x={position.value + 1} y={8} width={Math.max(count - position.value, 0)} height={24} />
    </svg>
  );
}

/** What stays while the run goes on. */
function Picture(): JSX.Element {
  const rows = bands.value;
  const height = 20 / Math.max(rows.length, 1);
  return (
    <>
      {rows.map((row, host) =>
        row.map(({ state, x, width }, i) => (
          <rect
            key={`${host} ${i}`}
            x={x}
            y={8 + host * height}
            width={width}
            height={height - 1}
            style={{ fill: stateColour(state) }}
          />
        )),
      )}
      {ticks.value.map(({ at, kind }) => (
        <line key={at} class={kind} x1={at + 1} x2={at + 1} y1={0} y2={7} />
      ))}
    </>
  );
}

function kindOf(event: RunEvent): string | null {
  if (event.type === 'lost') return 'lost';
  if (event.type === 'host' || event.type === 'cable') return 'lost';
  if (event.type !== 'sent') return null;
  const { segment } = event.packet;
  if (segment === null) return null;
  if (segment.again) return 'again';
  if ((segment.flags & RST) !== 0) return 'rst';
  if ((segment.flags & SYN) !== 0) return 'syn';
  return (segment.flags & FIN) !== 0 ? 'fin' : null;
}
