/** NodeHost: a host of a world, with what programs of Node.js take from modules: `net`, `dgram`, `http`. */
import { SimHost } from '../sim/host.ts';
import { createDgram, type SynwaveDgram } from './dgram.ts';
import { createHttp, type HostHttp } from './http.ts';
import { createNet, type SynwaveNet } from './net.ts';

export class NodeHost extends SimHost {
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
}
