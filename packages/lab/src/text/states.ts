/** How the eleven states are called, and what sort each is, for its colour and shape. */
import { stateNames as mode } from '../state/settings.ts';

const linux: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  'SYN-RECEIVED': 'SYN-RECV',
  CLOSED: 'UNCONN',
};

/** A state's name as the reader wants it. */
export function stateText(state: string): string {
  if (mode.value === 'linux') return linux[state] ?? state;
  if (mode.value === 'textbook') {
    if (state === 'SYN-RECEIVED') return 'SYN_RCVD';
    return state.replaceAll('-', '_');
  }
  return state;
}

const shapes: Readonly<Record<string, string>> = {
  CLOSED: '○',
  LISTEN: '◎',
  'SYN-SENT': '◔',
  'SYN-RECEIVED': '◑',
  ESTABLISHED: '●',
  'FIN-WAIT-1': '◕',
  'FIN-WAIT-2': '◒',
  'CLOSE-WAIT': '◧',
  CLOSING: '◇',
  'LAST-ACK': '◨',
  'TIME-WAIT': '◷',
};

/** A sign that tells states apart without colour. */
export function stateShape(state: string): string {
  return shapes[state] ?? '○';
}

/** The name of its colour, as in the style sheet. */
export function stateColour(state: string): string {
  return `var(--s-${state.toLowerCase()})`;
}
