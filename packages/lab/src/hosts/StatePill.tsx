/** A state: its colour, a sign and its name, so that none of them has to be seen alone. */
import type { JSX } from 'preact';
import { stateColour, stateShape, stateText } from '../text/states.ts';

export function StatePill({ state, small = false }: { readonly state: string; readonly small?: boolean }): JSX.Element {
  return (
    <span class={small ? 'pill small' : 'pill'} style={{ '--state': stateColour(state) }} data-state={state}>
      <span aria-hidden="true">{stateShape(state)}</span>
      {stateText(state)}
    </span>
  );
}
