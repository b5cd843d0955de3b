/** Two hosts in virtual time, joined by a cable with a delay: the stack's own cost, without waiting and event loop. */
import { Host, inProcess, Random } from 'synwave';

/** One way, in microseconds. */
const DELAY = 1000;
export const FAR = '10.0.0.2';

/** The driver: time goes to whatever comes next, a packet's arrival or a deadline. */
class Virtual {
  time = 0;
  /** @type {Set<import('synwave').Driven>} */
  #woken = new Set();
  /** @type {Map<import('synwave').Driven, number>} */
  #deadlines = new Map();
  /** @type {CableEnd[]} */
  ends = [];

  now() {
    return this.time;
  }

  /** @param {import('synwave').Driven} host */
  wake(host) {
    this.#woken.add(host);
  }

  /** @param {() => boolean} enough */
  run(enough) {
    for (;;) {
      for (const host of this.#woken) {
        this.#woken.delete(host);
        this.#deadlines.set(host, host.turn());
      }
      if (enough()) return;
      let next = Number.POSITIVE_INFINITY;
      for (const end of this.ends) next = Math.min(next, end.next());
      for (const at of this.#deadlines.values()) next = Math.min(next, at);
      if (next === Number.POSITIVE_INFINITY) throw new Error('bench: nothing more will happen');
      this.time = Math.max(this.time, next);
      for (const end of this.ends) end.arrive(this.time);
      for (const [host, at] of this.#deadlines) if (at <= this.time) this.wake(host);
    }
  }
}

/** One end of the cable: what the other end sends arrives here, in order, `DELAY` later. */
class CableEnd {
  name = 'cable';
  offloads = inProcess;
  mtu;
  /** @type {CableEnd | null} */
  peer = null;
  #driver;
  #drops;
  /** @type {{ frame: import('synwave').Frame, at: number }[]} */
  #way = [];
  #head = 0;
  /** @type {import('synwave').Receiver | null} */
  #receiver = null;

  /**
   * @param {Virtual} driver
   * @param {number} mtu
   * @param {(frame: import('synwave').Frame) => boolean} drops
   */
  constructor(driver, mtu, drops) {
    this.#driver = driver;
    this.mtu = mtu;
    this.#drops = drops;
  }

  /** @param {import('synwave').Receiver} receiver */
  attach(receiver) {
    this.#receiver = receiver;
  }

  /** @param {import('synwave').Frame} frame */
  send(frame) {
    if (this.#drops(frame)) frame.release();
    else this.peer?.carry(frame);
  }

  /** @param {import('synwave').Frame} frame */
  carry(frame) {
    this.#way.push({ frame, at: this.#driver.time + DELAY });
  }

  next() {
    return this.#way[this.#head]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** @param {number} time */
  arrive(time) {
    for (let first = this.#way[this.#head]; first !== undefined && first.at <= time; first = this.#way[this.#head]) {
      this.#head++;
      this.#receiver?.frameArrives(first.frame);
      first.frame.release();
    }
    if (this.#head < this.#way.length) return;
    this.#way.length = 0;
    this.#head = 0;
  }
}

/**
 * Two hosts; `drops` is asked about every packet that the near one sends.
 * @param {number} mtu
 * @param {import('synwave').TcpConfig} config
 * @param {(frame: import('synwave').Frame) => boolean} drops
 */
export function virtualHosts(mtu, config, drops) {
  const driver = new Virtual();
  const near = new Host({ name: 'near', driver, random: new Random('near'), config });
  const far = new Host({ name: 'far', driver, random: new Random('far'), config });
  const a = new CableEnd(driver, mtu, drops);
  const b = new CableEnd(driver, mtu, () => false);
  a.peer = b;
  b.peer = a;
  driver.ends.push(a, b);
  near.attach(a, ['10.0.0.1/24']);
  far.attach(b, [`${FAR}/24`]);
  return { driver, near, far };
}
