/** NodeWorld: a world in Node.js, whose hosts are for programs of Node.js. */
import type { SimHost, SimHostOptions } from '../sim/host.ts';
import { World } from '../sim/world.ts';
import { NodeHost } from './node-host.ts';
import { NodeSurroundings, type NodeWorldOptions } from './surroundings.ts';

/** A world whose hosts have `net`, `dgram` and `http` for programs of Node.js. */
export class NodeWorld extends World {
  constructor(options: NodeWorldOptions = {}) {
    super(options, new NodeSurroundings(options));
  }

  override get hosts(): readonly NodeHost[] {
    return super.hosts as readonly NodeHost[];
  }

  override host(name: string, options: SimHostOptions = {}): NodeHost {
    return super.host(name, options) as NodeHost;
  }

  protected override makeHost(about: ConstructorParameters<typeof SimHost>): NodeHost {
    return new NodeHost(...about);
  }
}

/** A world whose seed is the one that is given, whatever the environment says. */
export function exactWorld(options: NodeWorldOptions): NodeWorld {
  return new NodeWorld(options);
}
