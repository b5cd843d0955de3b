/** NodeHost: a host of a world, with what programs of Node.js take from modules: `net`, `dgram`, `http`. */
import { SimHost } from '../sim/host.ts';
import { createDgram, type SynwaveDgram } from './dgram.ts';
import { createHttp, type HostHttp } from './http.ts';
import { type Life, lives } from './life.ts';
import { createNet, type SynwaveNet } from './net.ts';

export class NodeHost extends SimHost {
  private life: Life = { host: this, over: false };
  private madeNet: SynwaveNet | null = null;
  private madeDgram: SynwaveDgram | null = null;
  private madeHttp: HostHttp | null = null;

  /** The surface of `node:net` for programs of this host. Names of hosts of the world are known. */
  get net(): SynwaveNet {
    this.madeNet ??= createNet(this);
    return this.madeNet;
  }

  /** The surface of `node:dgram`. */
  get dgram(): SynwaveDgram {
    this.madeDgram ??= createDgram(this);
    return this.madeDgram;
  }

  /** The surface of `node:http`. */
  get http(): HostHttp {
    this.madeHttp ??= createHttp(this.net);
    return this.madeHttp;
  }

  override crash(): void {
    this.life.over = true;
    this.life = { host: this, over: false };
    super.crash();
  }

  /** With the `timers` of a world: its timers go by the clock of this host, wait while it is paused, and end with its power. */
  protected override inside(program: () => unknown): unknown {
    return lives.run(this.life, program);
  }
}
