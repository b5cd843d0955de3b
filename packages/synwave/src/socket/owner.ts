/** What a socket or a listener asks of the host that it belongs to, and what the host tells it. */
import type { Micros } from '../base/time.ts';
import type { Stack } from '../stack/stack.ts';

/** A socket, as its host sees it. */
export interface Told {
  /** `News` bits: what has changed. */
  tell(news: number): void;
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
}
