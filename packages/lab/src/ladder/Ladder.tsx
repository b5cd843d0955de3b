/** The ladder: both hosts and the wire at once. Only what can be seen is drawn, and nothing of what is yet to come. */
import { computed, type Signal, useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { compact, layout } from '../state/derived.ts';
import { playing } from '../state/playing.ts';
import { busy, now, position, recording, stepTo } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { shortTime, spanText } from '../text/spans.ts';
import { stateColour } from '../text/states.ts';
import { text } from '../text/texts.ts';
import { Arrow } from './Arrow.tsx';
import { type Columns, columnsOf, widthFor } from './columns.ts';
import type { Arrow as ArrowPlan, Layout, Row } from './layout.ts';
import { Notes, Waits } from './Notes.tsx';
import { PacketMenu } from './PacketMenu.tsx';

/** Drawn above and below what can be seen. */
const MARGIN = 160;

/** More packets than these are not looked at for where the ladder ends. */
const MOST_UNDERWAY = 400;

/** How far down the ladder is drawn so far. */
const bottom = computed(() => {
  return endOf(layout.value, position.value);
});

/** How far down the ladder goes at a moment. */
export function endOf({ rows, arrows }: Layout, at: number): number {
  const row = rows[at];
  if (row === undefined) return 60;
  const begun = firstAfter(arrows.length, (i) => (arrows[i]?.sent ?? 0) > at);
  const underway = arrows
    .slice(Math.max(0, begun - MOST_UNDERWAY), begun)
    .filter(({ end, lost }) => !lost && (end === null || end > at));
  return Math.max(row.bottom, ...underway.map(({ y1 }) => y1 + 24)) + 28;
}

export function Ladder(): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(640);
  const height = useSignal(480);
  const scrolled = useSignal(0);
  const run = recording.value;
  const left = useSignal(0);
  const lanes = run?.hosts.length ?? 2;
  const whole = useComputed(() => Math.max(width.value, widthFor(recording.value?.hosts.length ?? 2)));
  const columns = useComputed(() => columnsOf(whole.value, recording.value?.hosts.length ?? 2));

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const measure = (): void => {
      width.value = element.clientWidth;
      height.value = element.clientHeight;
      compact.value = element.clientWidth < 460;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [width, height]);

  useFollow(frame, height.value, scrolled);

  const top = scrolled.value - MARGIN;
  const end = scrolled.value + height.value + MARGIN;
  const isEmpty = run !== null && position.value < 0;
  return (
    <section class="ladder" aria-label={text.value.ladder} aria-busy={busy.value}>
      <Heads columns={columns.value} left={left.value} />
      <div
        class={lanes > 3 ? 'ladder-scroll wide' : 'ladder-scroll'}
        ref={frame}
        tabIndex={0}
        role="group"
        aria-label={text.value.ladderHint}
        onScroll={({ currentTarget }) => {
          scrolled.value = currentTarget.scrollTop;
          left.value = currentTarget.scrollLeft;
        }}
      >
        {isEmpty ? <p class="hint">{text.value.nothingYet}</p> : null}
        {run === null ? <p class="hint">{text.value.loading}</p> : null}
        <Drawing columns={columns.value} width={whole.value} from={top} to={end} />
        <PacketMenu columns={columns.value} />
      </div>
    </section>
  );
}

function Heads({ columns, left }: { readonly columns: Columns; readonly left: number }): JSX.Element {
  const run = recording.value;
  return (
    <div class="ladder-heads" aria-hidden="true">
      {run?.hosts.map(({ name }, i) => (
        <span
          key={name}
          class={columns.notes > 0 ? '' : sideOf(i, columns.lanes)}
          style={{ left: `${columns.lane(i) - left}px` }}
        >
          {hostTitle(run, name)}
        </span>
      ))}
    </div>
  );
}

/** Where there is no room beside the outer lines, their names stand inside. */
function sideOf(lane: number, lanes: number): string {
  if (lane === 0) return 'first';
  return lane === lanes - 1 ? 'last' : '';
}

interface Window {
  readonly columns: Columns;
  readonly width: number;
  readonly from: number;
  readonly to: number;
  /** Another layout, up to a moment; left out: as on the screen, up to the moment that is looked at. */
  readonly of?: { readonly laid: Layout; readonly at: number };
}

export function Drawing({ columns, width, from, to, of }: Window): JSX.Element {
  const laid = of?.laid ?? layout.value;
  const at = of?.at ?? position.value;
  const height = Math.max(of === undefined ? bottom.value : endOf(laid, at), 60);
  const rows = visible(laid, at, from, to);
  return (
    <svg
      class="ladder-svg"
      width={width}
      height={height}
      role="list"
      aria-label={text.value.ladder}
      onClick={({ target, currentTarget, clientY }) => {
        if (target !== currentTarget) return;
        const y = clientY - currentTarget.getBoundingClientRect().top;
        const row = rows.findLast((each) => each.top <= y);
        if (row !== undefined) stepTo(row.moment);
      }}
    >
      <defs>
        <marker
          id="head"
          viewBox="0 0 8 8"
          refX="7.5"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0,.6 8,4 0,7.4z" fill="context-stroke" />
        </marker>
      </defs>
      {of === undefined ? <Here row={laid.rows[at]} width={width} /> : null}
      <Lifelines columns={columns} laid={laid} at={at} bottom={height - 8} from={from} to={to} />
      {rows.map((row) => (
        <RowLabels key={row.moment} row={row} columns={columns} width={width} isHere={row.moment === at} />
      ))}
      <Waits columns={columns} laid={laid} at={at} from={from} to={to} bottom={height - 8} />
      {rows.map((row) => (row.notes.length === 0 ? null : <Notes key={row.moment} row={row} columns={columns} />))}
      {arrowsInSight(laid, at, from, to).map((arrow) => {
        const isOver = arrow.end !== null && arrow.end <= at;
        return (
          <Arrow
            key={`${arrow.packet.id} ${arrow.copy ? 1 : 0}`}
            arrow={arrow}
            columns={columns}
            isOver={isOver}
            now={isOver ? 0 : now.value}
          />
        );
      })}
    </svg>
  );
}

/** The row that is looked at. */
function Here({ row, width }: { readonly row: Row | undefined; readonly width: number }): JSX.Element | null {
  if (row === undefined) return null;
  return (
    <rect class="here" x={0} y={row.top + 2} width={width} height={Math.max(row.bottom - row.top - 2, 20)} rx={6} />
  );
}

function RowLabels({
  row,
  columns,
  width,
  isHere,
}: {
  readonly row: Row;
  readonly columns: Columns;
  readonly width: number;
  readonly isHere: boolean;
}): JSX.Element {
  const middle = (columns.lane(0) + columns.lane(columns.lanes - 1)) / 2;
  return (
    <g>
      {row.idle === null ? null : (
        <Torn y={row.top - 17} width={width} text={text.value.idle(spanText(row.idle))} x={middle} />
      )}
      {columns.time > 0 && row.bottom > row.top ? (
        <text class={isHere ? 'time now' : 'time'} x={columns.time - 8} y={row.y + 4} text-anchor="end">
          {shortTime(row.time, recording.value?.capture ? 6 : 3)}
        </text>
      ) : null}
    </g>
  );
}

/** A band where the paper is torn: time in which nothing happens. */
function Torn({
  y,
  width,
  text: said,
  x,
}: {
  readonly y: number;
  readonly width: number;
  readonly text: string;
  readonly x: number;
}): JSX.Element {
  const teeth = Array.from({ length: Math.ceil(width / 12) + 1 }, (_, i) => `${i * 12},${i % 2 === 0 ? 0 : 4}`);
  return (
    <g class="torn">
      <rect x={0} y={y - 9} width={width} height={20} />
      <polyline points={teeth.join(' ')} transform={`translate(0 ${y - 11})`} />
      <polyline points={teeth.join(' ')} transform={`translate(0 ${y + 9})`} />
      <text x={x} y={y + 4} text-anchor="middle">
        {said}
      </text>
    </g>
  );
}

function Lifelines({
  columns,
  laid,
  at,
  bottom: end,
  from,
  to,
}: {
  readonly columns: Columns;
  readonly laid: Layout;
  readonly at: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
}): JSX.Element {
  const seen = laid.bands.filter(({ begin }) => begin <= at);
  return (
    <g aria-hidden="true">
      {Array.from({ length: columns.lanes }, (_, host) => {
        const mine = seen.filter((band) => band.host === host);
        const x = columns.lane(host);
        return mine.map(({ state, y, begin }, i) => {
          const y2 = mine[i + 1]?.y ?? end;
          if (y2 < from || y > to) return null;
          return (
            <line
              key={`${host} ${begin} ${i}`}
              class="lifeline"
              x1={x}
              x2={x}
              y1={Math.max(y, from)}
              y2={Math.min(y2, to)}
              style={{ stroke: stateColour(state) }}
            />
          );
        });
      })}
    </g>
  );
}

/** The first place from which on something holds, of things that are ordered by it. */
function firstAfter(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Arrows that have begun and can be seen, in part at least. */
function arrowsInSight({ arrows, reach }: Layout, at: number, from: number, to: number): readonly ArrowPlan[] {
  const found: ArrowPlan[] = [];
  for (let i = firstAfter(arrows.length, (k) => (reach[k] ?? 0) >= from); i < arrows.length; i++) {
    const arrow = arrows[i];
    if (arrow === undefined || arrow.sent > at || arrow.y1 > to) break;
    if (arrow.y2 >= from) found.push(arrow);
  }
  return found;
}

/** Rows that have happened and can be seen. */
function visible({ rows }: Layout, at: number, from: number, to: number): readonly Row[] {
  const low = firstAfter(Math.min(at + 1, rows.length), (i) => (rows[i]?.bottom ?? 0) >= from);
  let end = low;
  while (end <= at && (rows[end]?.top ?? Number.POSITIVE_INFINITY) <= to) end++;
  return rows.slice(low, end);
}

/** Keeps what happens in sight. */
function useFollow(frame: { readonly current: HTMLDivElement | null }, height: number, scrolled: Signal<number>): void {
  const at = position.value;
  // Before the picture is painted: else one frame would show the place that was left.
  useLayoutEffect(() => {
    const element = frame.current;
    const row = layout.peek().rows[at];
    if (element === null) return;
    const y = row?.y ?? 0;
    const low = bottom.peek() - height;
    const { scrollTop } = element;
    if (row !== undefined && y > scrollTop + 40 && bottom.peek() < scrollTop + height) return;
    const target = Math.max(0, Math.min(low, y - 60), bottom.peek() > y + height ? y - height / 2 : low);
    const isNear = Math.abs(target - scrollTop) < height;
    element.scrollTo({ top: target, behavior: isNear && !playing.peek() && !isStill() ? 'smooth' : 'instant' });
    scrolled.value = element.scrollTop;
  }, [at, height, layout.value, frame, scrolled]);
}

function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
