/** Many small connections that end in every way there is, over a bad cable: what becomes of each of them. */

import type { Family } from '../../src/base/address.ts';
import type { SynwaveError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { MINUTE, SECOND } from '../../src/base/time.ts';
import { type SimHost, type World, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { rfcProfile } from '../../src/tcp/config.ts';
import { bad } from './bulk.ts';
import { difference, gather, octets } from './data.ts';

/** How a connection ends, and which errors its two ends may be told then; '' stands for none. */
const endings: Readonly<Record<string, readonly string[]>> = {
  'client closes first': [''],
  'server closes first': [''],
  'both close at once': [''],
  'half-close': [''],
  'client aborts': ['ECONNABORTED', 'ECONNRESET', ''],
  'server aborts': ['ECONNABORTED', 'ECONNRESET', ''],
  'simultaneous open': [''],
  'server reboots': ['', 'ECONNRESET', 'ETIMEDOUT', 'ECONNREFUSED'],
};

type Ending = keyof typeof endings;

/** One connection's end: '' in order, or the error's code. */
interface Outcome {
  readonly ending: Ending;
  readonly side: 'client' | 'server';
  readonly code: string;
  /** What was received is what was sent, as far as it goes. */
  readonly whole: boolean;
}

export interface MixResult {
  readonly outcomes: readonly Outcome[];
  /** Outcomes that the ending does not explain. */
  readonly wrong: readonly Outcome[];
  /** States of connections that are still there when all is over. */
  readonly left: readonly string[];
  /** Octets lent to connections that are gone. */
  readonly memory: number;
}

/** A peer that vanishes is noticed within minutes. */
const config = { ...rfcProfile, keepAlive: true, keepAliveIdle: 30 * SECOND, keepAliveInterval: 10 * SECOND };

const PORT = 7000;

class Mix {
  readonly outcomes: Outcome[] = [];
  private readonly w: World;
  private readonly client: SimHost;
  private readonly server: SimHost;
  private readonly random: Random;
  private readonly names: readonly string[];
  private readonly which: 'address' | 'address6';

  constructor(seed: number, family: Family) {
    this.w = world({ seed, config });
    this.client = this.w.host('client');
    this.server = this.w.host('server');
    this.w.cable(this.client, this.server, bad);
    this.which = family === 4 ? 'address' : 'address6';
    this.random = new Random(`mix ${seed}`);
    this.names = Object.keys(endings).filter((name) => name !== 'server reboots');
  }

  async run(): Promise<MixResult> {
    const { w, client, server, random } = this;
    const rebooting = random.chance(0.3);
    await w.run(async () => {
      const all: Promise<void>[] = [];
      for (let i = 0; i < 8; i++) {
        const ending = rebooting ? 'server reboots' : (this.names[random.below(this.names.length)] as Ending);
        all.push(ending === 'simultaneous open' ? this.crossed(i) : this.ordinary(i, ending));
      }
      if (rebooting) {
        await w.sleep(random.below(SECOND));
        server.crash();
        await w.sleep(random.below(5 * SECOND));
        server.boot();
      }
      await Promise.all(all);
    });
    await w.runFor(30 * 60 * SECOND);
    const left = [client, server].flatMap((host) => [...host.stack.connections(w.now)].map(({ info }) => info.state));
    const wrong = this.outcomes.filter(
      ({ ending, code, whole }) => !whole || !(endings[ending] as readonly string[]).includes(code),
    );
    const memory = client.counters().memory.used + server.counters().memory.used;
    return { outcomes: this.outcomes, wrong, left, memory };
  }

  /** A client connects to a listener. */
  private async ordinary(i: number, ending: Ending): Promise<void> {
    const { client, server, random } = this;
    const there = octets(random.below(40_000), i);
    const back = octets(random.below(40_000), i + 100);
    const listener = server.listen({ port: PORT + i });
    const serve = async (): Promise<void> => {
      const socket = await listener.accept();
      listener.close();
      if (socket !== null) await this.side(socket, 'server', ending, back, there);
    };
    const serving = serve();
    const socket = client.connect({ address: server[this.which], port: PORT + i });
    const asking = this.side(socket, 'client', ending, there, back);
    await asking;
    // A client that aborts before its last ACK has come leaves nothing to accept: the listener is not to wait for ever.
    await this.w.sleep(2 * MINUTE);
    listener.close();
    // A host that reboots tells its programs nothing: only the client can be waited for.
    if (ending !== 'server reboots') await serving;
  }

  /** Both connect to each other at the same time (RFC 9293 figure 7). */
  private async crossed(i: number): Promise<void> {
    const { client, server } = this;
    const there = octets(1000, i);
    const back = octets(2000, i + 100);
    const port = PORT + i;
    const a = client.connect({ address: server[this.which], port, localPort: port });
    const b = server.connect({ address: client[this.which], port, localPort: port });
    await Promise.all([
      this.side(a, 'client', 'simultaneous open', there, back),
      this.side(b, 'server', 'simultaneous open', back, there),
    ]);
  }

  private async side(
    socket: TcpSocket,
    side: 'client' | 'server',
    ending: Ending,
    mine: Uint8Array,
    theirs: Uint8Array,
  ): Promise<void> {
    let got: Uint8Array = new Uint8Array(0);
    let code = '';
    try {
      await socket.opened;
      if (ending === `${side} aborts`) {
        await socket.write(mine.subarray(0, mine.length >> 1));
        await this.w.sleep(this.random.below(SECOND));
        socket.abort();
      } else {
        // Who closes second has read the other's last octet first; with a half-close its own octets follow.
        const second = ending === (side === 'client' ? 'server closes first' : 'client closes first');
        const reading = gather(socket);
        reading.catch(() => undefined);
        if (second || (ending === 'half-close' && side === 'server')) got = await reading;
        await socket.write(mine);
        socket.end();
        got = await reading;
      }
      await socket.closed;
    } catch (error) {
      ({ code } = error as SynwaveError);
    }
    const far = difference(got, theirs);
    this.outcomes.push({
      ending,
      side,
      code,
      whole: far === -1 || (code !== '' && far === got.length) || (got.length === 0 && ending.endsWith('aborts')),
    });
  }
}

/** One run; the same seed, the same run. */
export function mix(seed: number, family: Family): Promise<MixResult> {
  return new Mix(seed, family).run();
}
