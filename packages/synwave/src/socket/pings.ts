/** Pings: echoes that a host's programs wait for, each with a time-out. */
import { fail } from '../base/errors.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { EchoAnswer } from '../stack/echoes.ts';
import type { Alarm, Driver } from './driver.ts';
import type { Owner } from './owner.ts';
import { readScoped } from './scoped.ts';
import { isHopLimit } from './udp-socket.ts';

export interface PingOptions {
  /** Octets of data; 56 by default. */
  readonly size?: number;
  /** The hop limit (IPv4: time to live), 1 to 255; as in the host's settings by default. */
  readonly ttl?: number;
  /** How long to wait for an answer; a second by default. */
  readonly timeout?: Micros;
  /** It goes out whole or not at all: EMSGSIZE says that the path takes less. Otherwise it is cut into fragments. */
  readonly dontFragment?: boolean;
}

/** Nobody answered in time. */
export interface PingSilence {
  readonly type: 'timeout';
  readonly sequence: number;
  /** How long was waited. */
  readonly time: Micros;
}

export type PingAnswer = EchoAnswer | PingSilence;

const SIZE = 56;

interface Waiter {
  readonly address: string;
  readonly resolve: (answer: PingAnswer) => void;
  readonly alarm: Alarm;
}

export class Pings {
  private readonly host: Owner;
  private readonly driver: Driver;
  private readonly waiters: Map<number, Waiter> = new Map<number, Waiter>();

  constructor(host: Owner, driver: Driver) {
    this.host = host;
    this.driver = driver;
  }

  /** How many wait for an answer. */
  get size(): number {
    return this.waiters.size;
  }

  ask(address: string, options: PingOptions): Promise<PingAnswer> {
    const { host } = this;
    const { size = SIZE, ttl = host.stack.config.hopLimit, timeout = SECOND, dontFragment = false } = options;
    const what = `ping ${address}`;
    const to = readScoped(host.stack, address);
    if (to === null) return fail('EINVAL', what);
    if (!Number.isInteger(size) || size < 0) fail('EINVAL', `${what} size ${size}`);
    if (!isHopLimit(ttl)) fail('EINVAL', `${what} ttl ${ttl}`);
    if (!(timeout >= 0)) fail('EINVAL', `${what} timeout ${timeout}`);
    const request = { size, hopLimit: ttl, dontFragment };
    const sequence = host.stack.askEcho(to.address, to.zone < 0 ? undefined : to.zone, request, host.now());
    if (typeof sequence === 'string') return fail(sequence, what);
    return new Promise((resolve) => {
      const alarm = this.driver.after(timeout, () => {
        host.stack.forgetEcho(sequence);
        this.settle({ type: 'timeout', sequence, time: timeout });
      });
      this.waiters.set(sequence, { address, resolve, alarm });
      host.pinged();
    });
  }

  settle(answer: PingAnswer): void {
    const waiter = this.waiters.get(answer.sequence);
    if (waiter === undefined) return;
    this.waiters.delete(answer.sequence);
    waiter.alarm.cancel();
    waiter.resolve(answer);
    this.host.pinged();
  }

  /** For reports. */
  waits(): string[] {
    return [...this.waiters.values()].map(({ address }) => `ping ${address}`);
  }

  /** Power is cut: nobody hears anything. */
  clear(): void {
    for (const { alarm } of this.waiters.values()) alarm.cancel();
    this.waiters.clear();
  }
}
