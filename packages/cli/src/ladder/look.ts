/** How ladders look in this terminal: its colours and its columns. */
import { styleText } from 'node:util';
import { NARROWEST } from '../values.ts';
import type { Tone } from './render.ts';

/** Columns where nobody tells how many there are, and the most that an arrow should be stretched to. */
const COLUMNS = 80;
const MOST_COLUMNS = 120;

const colours = {
  title: 'bold',
  state: 'cyan',
  tcb: 'gray',
  note: 'gray',
  lost: 'red',
  mark: 'yellow',
  call: 'green',
} as const;

export function paint(tone: Tone, text: string): string {
  return styleText(colours[tone], text, { stream: process.stdout });
}

export function terminalColumns(): number {
  // A terminal that does not know its size says 0.
  return Math.min(Math.max(process.stdout.columns || COLUMNS, NARROWEST), MOST_COLUMNS);
}
