/** What a socket or a listener asks of the host that it belongs to, and what the host tells it. */
import type { Micros } from '../base/time.ts';
import type { Stack } from '../stack/stack.ts';

/** A socket, as its host sees it. */
export interface Told {
  /** `News` bits: what has changed. */
  tell(news: number): void;
  /** What the program waits for, one line for each promise that is open. */
  waits(): string[];
  /** Its host has lost power: its number means nothing any more. */
  die(): void;
}

/** A UDP socket, as its host sees it. */
export interface ToldUdp {
  /** Something waits in it. */
  tell(): void;
  /** What the program waits for, one line for each promise that is open. */
  waits(): string[];
  /** Its host has lost power: its number means nothing any more. */
  die(): void;
}

export interface Owner {
  readonly stack: Stack;
  now(): Micros;
  /** Something was asked of the stack: it is owed a turn. */
  wake(): void;
  /** News of connection `id` go to that socket. */
  adopt(id: number, socket: Told): void;
  disown(id: number): void;
  unlisten(id: number): void;
  /** Whether the program is to go on for the sake of connection `key`, or of listener `~key`. It is, unless told. */
  refer(key: number, on: boolean): void;
  /** News of UDP socket `id` go to that one. */
  adoptUdp(id: number, socket: ToldUdp): void;
  disownUdp(id: number): void;
  /** As `refer`, for UDP socket `id`. */
  referUdp(id: number, on: boolean): void;
  /** There is one more ping to wait for, or one less. */
  pinged(): void;
}
