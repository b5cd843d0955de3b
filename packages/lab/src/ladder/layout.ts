/** Layout: where each moment of a run stands in the ladder, one below the other, and from where to where its arrows go. */
import type { CallEvent, PacketRecord, ReturnEvent, RunEvent } from 'synwave/sim';
import type { Recording } from '../worker/protocol.ts';

/** What stands beside a host's line. */
export type Note = {
  /** Which host's line. */
  readonly lane: number;
} & NoteText;

type NoteText =
  | { readonly type: 'state'; readonly from: string; readonly to: string }
  | { readonly type: 'call'; readonly call: CallEvent; readonly result: ReturnEvent | null }
  | { readonly type: 'return'; readonly result: ReturnEvent }
  | { readonly type: 'fired'; readonly timer: string }
  | { readonly type: 'tcb'; readonly what: 'created' | 'deleted' }
  | { readonly type: 'drop'; readonly reason: string }
  | { readonly type: 'host'; readonly what: string }
  | { readonly type: 'cable'; readonly what: string };

export interface Row {
  readonly moment: number;
  readonly time: number;
  readonly top: number;
  readonly bottom: number;
  /** Where its arrows and notes begin. */
  readonly y: number;
  /** How long nothing had happened before, where that is folded; null: it is not. */
  readonly idle: number | null;
  /** Place of the host among the lines; -1: between them. */
  readonly host: number;
  readonly notes: readonly Note[];
}

export interface Arrow {
  readonly packet: PacketRecord;
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  /** The moment at which it arrives, or is lost; null: neither happens in this run. */
  readonly end: number | null;
  readonly lost: boolean;
  /** Whether it is the second copy of a packet. */
  readonly copy: boolean;
  readonly y1: number;
  readonly y2: number;
}

/** A call that has not returned at once: the program waits. */
interface Wait {
  readonly host: number;
  readonly call: CallEvent;
  readonly begin: number;
  /** The moment at which it returns; null: it does not. */
  readonly end: number | null;
  readonly y1: number;
  readonly y2: number;
  /** Which of the bars beside the line. */
  readonly slot: number;
}

/** A stretch of a host's line in one colour. */
interface Band {
  readonly host: number;
  readonly state: string;
  readonly begin: number;
  readonly y: number;
}

export interface Layout {
  readonly rows: readonly Row[];
  /** In the order in which they begin. */
  readonly arrows: readonly Arrow[];
  /** For each arrow, how far down it and all before it reach: what begins above and ends in sight is found by it. */
  readonly reach: readonly number[];
  readonly waits: readonly Wait[];
  readonly bands: readonly Band[];
  readonly height: number;
}

const TOP = 8;
const ABOVE = 19;
const NOTE = 18;
const SEND = 20;
const BELOW = 8;
const GAP = 34;
/** Where a lost packet ends, below where it began. */
const FALL = 26;

/** Nothing for so many delays of the line is idleness. */
const IDLE = 12;
const LEAST_IDLE = 150_000;

/** Pixels for one delay of the line, by the axis of time. */
const DELAY = 64;

export function layOut(run: Recording, axis: 'events' | 'time', compact: boolean): Layout {
  const place = new Map(run.hosts.map(({ name }, i) => [name, i]));
  const delay = Math.max(1_000, ...run.links.map(({ impairments }) => impairments.delay ?? 0));
  const idleFrom = Math.max(LEAST_IDLE, IDLE * delay);
  const rows: Row[] = [];
  const sentY = new Map<number, { y: number; moment: number }>();
  let bottom = TOP;
  let last: number | null = null;

  for (const [i, { time, host, events }] of run.moments.entries()) {
    const lane = host === null ? 0 : (place.get(host) ?? 0);
    const notes = compact ? [] : notesOf(events, lane, place);
    const sends = events.flatMap((event) => (event.type === 'sent' ? [event.packet] : []));
    const hasArrival = events[0]?.type === 'arrived';
    // What is lost later than it is sent gets as far as its end: nobody is there, or nothing is plugged in.
    const isLostLate = events.some((event) => event.type === 'lost' && event.packet.sentAt < time);
    const isShown = notes.length > 0 || sends.length > 0 || hasArrival || isLostLate;
    const passed: number = last === null ? 0 : time - last;
    const idle = isShown && last !== null && passed >= idleFrom ? passed : null;
    let top = bottom;
    if (idle !== null) top += GAP;
    else if (axis === 'time' && last !== null) {
      const before = rows.at(-1)?.y ?? 0;
      top = Math.max(top, before - ABOVE + (passed / delay) * DELAY);
    }
    const y = top + ABOVE;
    const first = y + (hasArrival ? SEND : 0);
    for (const [k, { id }] of sends.entries()) sentY.set(id, { y: first + k * SEND, moment: i });
    const falls = events.some(({ type }) => type === 'lost') && !isLostLate ? FALL : 0;
    const beside = besideOneLine(notes);
    const used = Math.max(beside * NOTE - NOTE, (sends.length - 1) * SEND + (hasArrival ? SEND : 0) + falls, 0);
    if (isShown) {
      bottom = y + used + BELOW;
      last = time;
    } else bottom = top;
    rows.push({
      moment: i,
      time,
      top,
      bottom,
      y: isShown ? y : top,
      idle,
      host: host === null ? -1 : (place.get(host) ?? -1),
      notes,
    });
  }
  const arrows = arrowsOf(run, rows, sentY, place);
  return {
    rows,
    arrows,
    reach: reachOf(arrows),
    waits: compact ? [] : waitsOf(run, rows, place),
    bands: bandsOf(run, rows, place),
    height: bottom + 24,
  };
}

/** The most notes that stand beside one line. */
function besideOneLine(notes: readonly Note[]): number {
  if (notes.length < 2) return notes.length;
  return Math.max(...notes.map(({ lane }) => notes.filter((note) => note.lane === lane).length));
}

function reachOf(arrows: readonly Arrow[]): number[] {
  let most = 0;
  return arrows.map(({ y2 }) => {
    most = Math.max(most, y2);
    return most;
  });
}

/** `lane`: of the host at which the moment is. */
function notesOf(events: readonly RunEvent[], lane: number, place: ReadonlyMap<string, number>): Note[] {
  const notes: Note[] = [];
  const returns = new Map<number, ReturnEvent>();
  for (const event of events) if (event.type === 'return') returns.set(event.number, event);
  const called = new Set<number>();
  const states = new Map<string, number>();
  for (const event of events) {
    switch (event.type) {
      case 'call':
        called.add(event.number);
        notes.push({ lane, type: 'call', call: event, result: returns.get(event.number) ?? null });
        break;
      case 'return':
        if (!called.has(event.number)) notes.push({ lane, type: 'return', result: event });
        break;
      case 'state': {
        // Several moves of one connection at once are one.
        const key = `${event.host} ${event.connection.id}`;
        const before = states.get(key);
        const old = before === undefined ? undefined : notes[before];
        if (before !== undefined && old?.type === 'state') notes[before] = { ...old, to: event.to };
        else {
          states.set(key, notes.length);
          notes.push({ lane: place.get(event.host) ?? lane, type: 'state', from: event.from, to: event.to });
        }
        break;
      }
      case 'timer':
        if (event.what === 'fired') notes.push({ lane, type: 'fired', timer: event.timer });
        break;
      case 'tcb':
        notes.push({ lane, type: 'tcb', what: event.what });
        break;
      case 'drop':
        notes.push({ lane, type: 'drop', reason: event.reason });
        break;
      case 'host':
        notes.push({ lane, type: 'host', what: event.what });
        break;
      case 'cable':
        notes.push({ lane, type: 'cable', what: event.what });
        break;
      default:
        break; // packets are arrows
    }
  }
  return notes;
}

function arrowsOf(
  run: Recording,
  rows: readonly Row[],
  sentY: ReadonlyMap<number, { y: number; moment: number }>,
  place: ReadonlyMap<string, number>,
): Arrow[] {
  const ends = new Map<number, { moment: number; lost: boolean }[]>();
  for (const [i, { events }] of run.moments.entries()) {
    for (const event of events) {
      if (event.type !== 'arrived' && event.type !== 'lost') continue;
      const list = ends.get(event.packet.id) ?? [];
      list.push({ moment: i, lost: event.type === 'lost' });
      ends.set(event.packet.id, list);
    }
  }
  const arrows: Arrow[] = [];
  for (const packet of run.packets) {
    const begin = sentY.get(packet.id);
    if (begin === undefined) continue;
    const [from, to] = [place.get(packet.from) ?? 0, place.get(packet.to) ?? 0];
    const base = { packet, from, to, sent: begin.moment, y1: begin.y };
    const all = ends.get(packet.id) ?? [];
    if (all.length === 0) arrows.push({ ...base, end: null, lost: false, copy: false, y2: begin.y + 2 * FALL });
    for (const [k, { moment, lost }] of all.entries()) {
      const y2 = lost && moment === begin.moment ? begin.y + FALL : (rows[moment]?.y ?? begin.y + FALL);
      arrows.push({ ...base, end: moment, lost, copy: k > 0, y2 });
    }
  }
  return arrows;
}

function waitsOf(run: Recording, rows: readonly Row[], place: ReadonlyMap<string, number>): Wait[] {
  const open = new Map<number, { call: CallEvent; moment: number }>();
  const found: Omit<Wait, 'slot'>[] = [];
  const close = (number: number, end: number | null): void => {
    const begun = open.get(number);
    open.delete(number);
    if (begun === undefined || begun.moment === end) return;
    const host = place.get(begun.call.host) ?? 0;
    const y1 = rows[begun.moment]?.y ?? 0;
    const y2 = end === null ? Number.POSITIVE_INFINITY : (rows[end]?.y ?? 0);
    found.push({ host, call: begun.call, begin: begun.moment, end, y1, y2 });
  };
  for (const [i, { events }] of run.moments.entries()) {
    for (const event of events) {
      if (event.type === 'call') open.set(event.number, { call: event, moment: i });
      else if (event.type === 'return') close(event.number, i);
    }
  }
  for (const number of [...open.keys()]) close(number, null);
  found.sort((a, b) => a.begin - b.begin);
  return withSlots(found);
}

/** Bars that are there at the same time stand beside each other; a fourth one is not drawn. */
function withSlots(waits: readonly Omit<Wait, 'slot'>[]): Wait[] {
  const until = new Map<string, number>();
  return waits.flatMap((wait) => {
    for (let slot = 0; slot < 3; slot++) {
      const key = `${wait.host} ${slot}`;
      if ((until.get(key) ?? Number.NEGATIVE_INFINITY) >= wait.y1) continue;
      until.set(key, wait.y2);
      return [{ ...wait, slot }];
    }
    return [];
  });
}

/** The state of each host's line: of the connection that moved last; else whether anybody listens. */
function bandsOf(run: Recording, rows: readonly Row[], place: ReadonlyMap<string, number>): Band[] {
  const bands: Band[] = run.hosts.map((_, host) => ({ host, state: 'CLOSED', begin: -1, y: 0 }));
  const listening = new Set<string>();
  for (const [i, { events }] of run.moments.entries()) {
    for (const event of events) {
      if (event.type !== 'state' && event.type !== 'return' && event.type !== 'host') continue;
      const listens = event.type === 'return' && event.call === 'listen' && !event.failed;
      const state = event.type === 'state' ? event.to : listens ? 'LISTEN' : event.type === 'host' ? 'CLOSED' : null;
      if (state === null) continue;
      if (listens) listening.add(event.host);
      if (event.type === 'host') listening.delete(event.host);
      const seen = state === 'CLOSED' && listening.has(event.host) ? 'LISTEN' : state;
      bands.push({ host: place.get(event.host) ?? 0, state: seen, begin: i, y: rows[i]?.y ?? 0 });
    }
  }
  return bands;
}
