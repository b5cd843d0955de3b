/** The sequence graph: each segment as a bar from its first to its last number, when it is sent; the ACKs and the window that come back. */
import { type Signal, signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { flows } from '../state/derived.ts';
import { now, recording } from '../state/run.ts';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import { type Series, seriesOf } from './series.ts';

const HEIGHT = 216;
const EDGE = { left: 64, right: 12, top: 8, bottom: 22 };

const chosen: Signal<number> = signal(0);

export function Graph(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(900);
  useLayoutEffect(() => {
    width.value = frame.current?.clientWidth ?? 900;
  }, [width]);
  const all = flows.value.flatMap((flow) => (run === null ? [] : seriesOf(run, flow)));
  const series = all[Math.min(chosen.value, all.length - 1)];
  if (series === undefined) return <p class="quiet">{t.noPacket}</p>;
  return (
    <div class="graph" ref={frame}>
      <div class="graph-legend">
        {all.length > 1 ? (
          <select
            aria-label={t.graph.direction}
            value={String(chosen.value)}
            onChange={({ currentTarget }) => {
              chosen.value = Number(currentTarget.value);
            }}
          >
            {all.map(({ name }, i) => (
              <option key={name} value={String(i)}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <b>{series.name}</b>
        )}
        <span class="k-data">▮ {t.graph.segments}</span>
        <span class="k-again">▮ {t.graph.again}</span>
        <span class="k-ack">— {t.graph.acks}</span>
        <span class="k-window">— {t.graph.window}</span>
        <span class="k-cwnd">— cwnd</span>
      </div>
      <Drawing series={series} width={width.value} />
    </div>
  );
}

function Drawing({ series, width }: { readonly series: Series; readonly width: number }): JSX.Element {
  const t = text.value;
  const { bars, acks, window: edge, cwnd, from, to, top } = series;
  const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const x = (time: number): number => EDGE.left + ((time - from) / Math.max(to - from, 1)) * inner.width;
  const y = (octets: number): number => EDGE.top + inner.height - (octets / Math.max(top, 1)) * inner.height;
  const seen = bars.filter(({ time }) => time <= now.value);
  const path = (points: readonly (readonly [number, number])[]): string =>
    steps(
      points.filter(([time]) => time <= now.value),
      x,
      y,
      Math.min(now.value, to),
    );
  const bar = (again: boolean): string =>
    seen
      .filter((each) => each.again === again)
      .map(({ time, first, last }) => `M${r(x(time))},${r(y(first))}V${r(Math.min(y(last), y(first) - 2))}`)
      .join('');
  return (
    <svg class="graph-svg" width={width} height={HEIGHT} role="img" aria-label={`${t.tabs.graph}: ${series.name}`}>
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <g key={part}>
          <line class="grid" x1={EDGE.left} x2={width - EDGE.right} y1={y(top * part)} y2={y(top * part)} />
          <text class="axis" x={EDGE.left - 6} y={y(top * part) + 4} text-anchor="end">
            {Math.round(top * part).toLocaleString('en-US')}
          </text>
          <text
            class="axis"
            x={x(from + (to - from) * part)}
            y={HEIGHT - 6}
            text-anchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}
          >
            {spanText(Math.round(from + (to - from) * part))}
          </text>
        </g>
      ))}
      <path class="window" d={path(edge)} />
      <path class="acks" d={path(acks)} />
      <path class="cwnd" d={path(cwnd)} />
      <path class="bars" d={bar(false)} />
      <path class="bars again" d={bar(true)} />
      {seen
        .filter(({ again }) => again)
        .slice(0, 200)
        .map(({ time, last }, i) => (
          <text key={`${time} ${i}`} class="r" x={x(time)} y={y(last) - 3} text-anchor="middle">
            R
          </text>
        ))}
      <line
        class="cursor"
        x1={x(Math.min(now.value, to))}
        x2={x(Math.min(now.value, to))}
        y1={EDGE.top}
        y2={HEIGHT - EDGE.bottom}
      />
    </svg>
  );
}

/** A line that stays where it is until it changes. */
function steps(
  points: readonly (readonly [number, number])[],
  x: (time: number) => number,
  y: (octets: number) => number,
  end: number,
): string {
  const [first, ...others] = points;
  if (first === undefined) return '';
  const rest = others.map(([time, octets]) => `H${r(x(time))}V${r(y(octets))}`).join('');
  return `M${r(x(first[0]))},${r(y(first[1]))}${rest}H${r(x(end))}`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
