/** The state diagram, very small: where the connection is, and where it has been. */
import type { JSX } from 'preact';
import { stateColour, stateText } from '../text/states.ts';
import { arrows, isOnPath, places } from './diagram.ts';

const SIZE = { width: 184, height: 92 };

interface Props {
  readonly state: string;
  /** States that it has been in. */
  readonly path: readonly string[];
}

export function MiniDiagram({ state, path }: Props): JSX.Element {
  return (
    <svg
      class="mini"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={[...path, state].map(stateText).join(' → ')}
    >
      {arrows.map(([from, to]) => {
        const isUsed = isOnPath([...path, state], from, to);
        const [x1, y1] = at(from);
        const [x2, y2] = at(to);
        return <line key={`${from} ${to}`} class={isUsed ? 'on' : ''} x1={x1} y1={y1} x2={x2} y2={y2} />;
      })}
      {Object.keys(places).map((name) => {
        const [x, y] = at(name);
        const isEnd = name === 'END';
        const isOver = state === 'CLOSED' && path.length > 0;
        const isHere = isEnd ? isOver : name === state && !(name === 'CLOSED' && isOver);
        const wasHere = isEnd ? false : path.includes(name);
        return (
          <circle
            key={name}
            class={isHere ? 'here' : wasHere ? 'was' : ''}
            cx={x}
            cy={y}
            r={isHere ? 6 : 3.2}
            style={isHere || wasHere ? { fill: stateColour(isEnd ? 'CLOSED' : name) } : undefined}
          >
            <title>{stateText(isEnd ? 'CLOSED' : name)}</title>
          </circle>
        );
      })}
    </svg>
  );
}

function at(state: string): [number, number] {
  const [x, y] = places[state] ?? [0, 0];
  return [(x * SIZE.width) / 100, (y * SIZE.height) / 100];
}
