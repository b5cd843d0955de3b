/** One packet on its way: from when and where it is sent to when and where it arrives, or as far as it has come. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { recording, selected } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { timeText } from '../text/spans.ts';
import { text, words } from '../text/texts.ts';
import type { Columns } from './columns.ts';
import { focused, moveFocus } from './focus.ts';
import type { Arrow as ArrowPlan } from './layout.ts';
import { openMenu } from './menu.ts';
import { lift, press } from './press.ts';

/** Of a label: the width of a character, and what is kept free at both ends. */
const CHARACTER = 6.7;
const FREE = 34;

interface Props {
  readonly arrow: ArrowPlan;
  readonly columns: Columns;
  /** Whether it has arrived, or is lost. */
  readonly isOver: boolean;
  /** Where it is not: the time. */
  readonly now: number;
}

export function Arrow({ arrow, columns, isOver, now }: Props): JSX.Element {
  const { packet, from, to, lost, copy, y1, y2, end } = arrow;
  const isSelected = useComputed(() => selected.value === packet.id);
  const isFocus = useComputed(() => focused.value === packet.id);
  const [x1, xEnd] = [columns.lane(from), columns.lane(to)];
  const way = Math.sign(xEnd - x1);
  const part = lost
    ? end === arrow.sent
      ? 0.55
      : isOver
        ? 0.95
        : progress(arrow, now)
    : isOver
      ? 1
      : progress(arrow, now);
  const x2 = x1 + (xEnd - x1) * part - (part === 1 ? way * 4 : 0);
  const isLost = lost && isOver;
  const headY = isLost ? y2 : y1 + (y2 - y1) * part;
  const names = ['packet', kindOf(arrow)];
  if (isLost) names.push('lost');
  if (copy) names.push('copy');
  if (!isOver) names.push('underway');
  if (isSelected.value) names.push('selected');
  return (
    <g
      class={names.join(' ')}
      role="listitem"
      data-packet={packet.id}
      tabIndex={isFocus.value ? 0 : -1}
      aria-label={sentence(arrow, isOver)}
      onClick={(event) => {
        event.stopPropagation();
        openMenu(packet.id, (x1 + x2) / 2, (y1 + headY) / 2);
      }}
      onContextMenu={(event) => {
        event.preventDefault(); // a touch that stays, or the other button of a mouse
        openMenu(packet.id, (x1 + x2) / 2, (y1 + headY) / 2);
      }}
      onPointerDown={({ pointerType }) => {
        if (pointerType !== 'mouse') press(() => openMenu(packet.id, (x1 + x2) / 2, (y1 + headY) / 2));
      }}
      onPointerUp={lift}
      onPointerCancel={lift}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          event.stopPropagation();
          moveFocus(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'Enter') openMenu(packet.id, (x1 + x2) / 2, (y1 + headY) / 2);
      }}
      onFocus={() => {
        selected.value = packet.id;
      }}
    >
      <line class="hit" x1={x1} y1={y1} x2={x2} y2={headY} />
      <line
        class="shaft"
        x1={x1 + way * 3}
        y1={y1}
        x2={x2}
        y2={headY}
        marker-end={isOver && !lost ? 'url(#head)' : undefined}
      />
      {isLost ? <Cross x={x2} y={headY} /> : null}
      {isOver ? null : <circle class="dot" cx={x2} cy={headY} r={4.5} />}
      {copy ? null : <Caption arrow={arrow} columns={columns} isOver={isOver} x={x1 + way * 12} y={y1 - 5} way={way} />}
    </g>
  );
}

function Cross({ x, y }: { readonly x: number; readonly y: number }): JSX.Element {
  return <path class="cross" d={`M${x - 6},${y - 6}l12,12m0,-12l-12,12`} />;
}

function Caption({
  arrow,
  columns,
  isOver,
  x,
  y,
  way,
}: {
  readonly arrow: ArrowPlan;
  readonly columns: Columns;
  readonly isOver: boolean;
  readonly x: number;
  readonly y: number;
  readonly way: number;
}): JSX.Element {
  const { packet } = arrow;
  const marks = marksOf(arrow, isOver);
  const labels = runLabels.value;
  const room = (columns.between - FREE) / CHARACTER - marks.join(' ').length * 1.9;
  const long = labels.of(packet);
  const label = width(long) <= room ? long : labels.brief(packet);
  return (
    <text class="label" x={x} y={y} text-anchor={way > 0 ? 'start' : 'end'}>
      {label}
      {marks.map((mark) => (
        <tspan key={mark} class="mark" dx={6}>
          {mark}
        </tspan>
      ))}
    </text>
  );
}

/** In columns of a text of one width: Chinese characters take two. */
function width(label: string): number {
  let columns = 0;
  for (const character of label) columns += character > '\u2e7f' ? 2 : 1;
  return columns;
}

function progress({ packet, copy }: ArrowPlan, now: number): number {
  const { sentAt, arrivesAt } = packet;
  if (arrivesAt === null || copy) return 0.9;
  return Math.min(Math.max((now - sentAt) / Math.max(arrivesAt - sentAt, 1), 0.12), 0.97);
}

/** The sort of a segment, for its colour. */
function kindOf({ packet: { segment } }: ArrowPlan): string {
  if (segment === null) return 'other';
  const { flags, length } = segment;
  if ((flags & 4) !== 0) return 'rst';
  if ((flags & 2) !== 0) return 'syn';
  if ((flags & 1) !== 0) return 'fin';
  return length > 0 ? 'data' : 'ack';
}

/** A word for each thing that is out of the ordinary. */
function marksOf({ packet, lost }: ArrowPlan, isOver: boolean): string[] {
  const t = text.value;
  const { fates } = packet;
  const marks: string[] = [];
  if (packet.segment?.again === true) marks.push(t.again);
  if (lost && isOver) marks.push(t.lost);
  if (fates.includes('duplicated')) marks.push(t.duplicated);
  if (fates.includes('corrupted')) marks.push(t.corrupted);
  if (fates.includes('late')) marks.push(t.late);
  if (fates.includes('marked')) marks.push(t.marked);
  const mark = recording.value?.capture?.marks[packet.id];
  if (mark !== undefined) marks.push(words(mark));
  return marks;
}

/** The whole of it, for who hears the page. */
function sentence(arrow: ArrowPlan, isOver: boolean): string {
  const run = recording.value;
  const t = text.value;
  const { packet, lost } = arrow;
  if (run === null) return '';
  const label = runLabels.value.of(packet);
  const sends = `${timeText(packet.sentAt)} s, ${t.sends(hostTitle(run, packet.from), label)}`;
  const marks = marksOf(arrow, isOver).join(', ');
  const arrives = !lost && isOver ? t.gets(hostTitle(run, packet.to), '') : '';
  return [sends, arrives.trim(), marks].filter((each) => each !== '').join('; ');
}
