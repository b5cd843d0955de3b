/** The state diagram of RFC 9293 with a marker for each host, the way that it has come, and what each arrow stands for. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { moves, stateNames } from 'synwave';
import { connectionOf, stateOf } from '../hosts/connections.ts';
import { arrows, isOnPath, places } from '../hosts/diagram.ts';
import { pathOf } from '../hosts/path.ts';
import { hosts, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { stateColour, stateText } from '../text/states.ts';
import { text } from '../text/texts.ts';

const SIZE = { width: 1120, height: 236 };
const BOX = { width: 112, height: 26 };

/** The arrow that is pointed at. */
const lit: Signal<string | null> = signal(null);

export function Diagram(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const ways = hosts.value.slice(0, 4).map((view, i) => {
    const state = stateOf(view);
    const path = [...pathOf(view.name, connectionOf(view)?.connection.id ?? null), state];
    return {
      name: run === null ? view.name : hostTitle(run, view.name),
      state,
      path,
      letter: String.fromCharCode(65 + i),
    };
  });
  return (
    <div class="diagram">
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        role="img"
        aria-label={ways.map(({ name, state }) => `${name}: ${stateText(state)}`).join(', ')}
      >
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0,.6 8,4 0,7.4z" fill="context-stroke" />
          </marker>
        </defs>
        {arrows.map(([from, to]) => {
          const key = `${from}>${to}`;
          const used = ways.some(({ path }) => isOnPath(path, from, to));
          const { x1, y1, x2, y2 } = between(from, to);
          return (
            <g
              key={key}
              class={`edge${used ? ' used' : ''}${lit.value === key ? ' lit' : ''}`}
              onPointerEnter={() => {
                lit.value = key;
              }}
              onPointerLeave={() => {
                lit.value = null;
              }}
            >
              <line class="hit" x1={x1} y1={y1} x2={x2} y2={y2} />
              <line x1={x1} y1={y1} x2={x2} y2={y2} marker-end="url(#tip)" />
              <title>{eventOf(from, to)}</title>
            </g>
          );
        })}
        {Object.keys(places).map((name) => (
          <Box key={name} name={name} ways={ways} />
        ))}
      </svg>
      <p class="quiet">{lit.value === null ? t.diagramHint : describe(lit.value)}</p>
    </div>
  );
}

interface Way {
  readonly name: string;
  readonly state: string;
  readonly path: readonly string[];
  readonly letter: string;
}

function Box({ name, ways }: { readonly name: string; readonly ways: readonly Way[] }): JSX.Element {
  const [x, y] = at(name);
  const state = name === 'END' ? 'CLOSED' : name;
  const here = ways.filter((way) => (isOver(way) ? 'END' : way.state) === name);
  const was = ways.some(({ path }) => (name === 'END' ? false : path.includes(name)));
  return (
    <g class={here.length > 0 ? 'box here' : was ? 'box was' : 'box'} style={{ '--state': stateColour(state) }}>
      <rect x={x - BOX.width / 2} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx={7} />
      <text x={x} y={y + 4} text-anchor="middle">
        {stateText(state)}
      </text>
      {here.map(({ letter, name: host }, i) => (
        <g key={letter} transform={`translate(${x - BOX.width / 2 + 8 + i * 20} ${y - BOX.height / 2 - 3})`}>
          <circle r={8.5} class="mark" />
          <text class="letter" y={4} text-anchor="middle">
            {letter}
          </text>
          <title>{host}</title>
        </g>
      ))}
    </g>
  );
}

/** Whether the connection has been, and is no more. */
function isOver({ state, path }: Way): boolean {
  return state === 'CLOSED' && path.length > 1;
}

function at(name: string): [number, number] {
  const [x, y] = places[name] ?? [0, 0];
  return [(x * SIZE.width) / 100, (y * SIZE.height) / 100];
}

/** From the border of one box to that of the other. */
function between(from: string, to: string): { x1: number; y1: number; x2: number; y2: number } {
  const [ax, ay] = at(from);
  const [bx, by] = at(to);
  const [dx, dy] = [bx - ax, by - ay];
  const part = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (BOX.width / 2 + 3) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (BOX.height / 2 + 3) / Math.abs(dy),
  );
  return { x1: ax + dx * part, y1: ay + dy * part, x2: bx - dx * part, y2: by - dy * part };
}

function describe(key: string): string {
  const [from = '', to = ''] = key.split('>');
  return `${stateText(from)} → ${stateText(to === 'END' ? 'CLOSED' : to)}: ${eventOf(from, to)}`;
}

function eventOf(from: string, to: string): string {
  const end = to === 'END' ? 'CLOSED' : to;
  const event = moves.find(([a, b]) => stateNames[a] === from && stateNames[b] === end)?.[2] ?? '';
  return text.value.moves[event as keyof typeof text.value.moves] ?? event;
}
