/** Stage: the hosts and cables of a scenario in a world, with routes, so that each can reach each. */
import type { Link } from '../../link/link.ts';
import type { Cable } from '../cable.ts';
import type { SimHost } from '../host.ts';
import { type World, world } from '../world.ts';
import type { HostPlan, LinkPlan, Plot } from './scenario.ts';

export class Stage {
  readonly world: World;
  readonly hosts: ReadonlyMap<string, SimHost>;
  readonly cables: readonly Cable[];
  private readonly links: readonly LinkPlan[];

  /** Throws RangeError for settings that make no sense. */
  constructor(plot: Plot, seed: number | string) {
    this.world = world({ seed, profile: plot.profile, config: plot.config });
    this.hosts = new Map(plot.hosts.map((plan) => [plan.name, this.host(plan)]));
    this.links = plot.links;
    this.cables = plot.links.map(({ between: [a, b], mtu, impairments, back }) =>
      this.world.cable(this.hostOf(a), this.hostOf(b), { mtu, ...impairments, back }),
    );
    this.joinAll();
  }

  /** The host of that name. Throws RangeError, which names those that there are. */
  hostOf(name: string): SimHost {
    const host = this.hosts.get(name);
    if (host !== undefined) return host;
    throw new RangeError(`there is no host ${name}; there are ${[...this.hosts.keys()].join(', ')}`);
  }

  /** The cable between a host and another; null: its first. Throws RangeError when there is none. */
  cableOf(host: string, peer: string | null): Cable {
    const at = this.links.findIndex(
      ({ between }) => between.includes(host) && (peer === null || (peer !== host && between.includes(peer))),
    );
    const cable = this.cables[at];
    if (cable !== undefined) return cable;
    throw new RangeError(`${host} has no cable${peer === null ? '' : ` to ${peer}`}`);
  }

  /** A host's end of one of its cables: what is sent there is on the cable, as if the host had sent it. */
  endOf(cable: Cable, host: string): Link {
    const which = this.links[cable.id]?.between[0] === host ? 0 : 1;
    return cable.ends[which];
  }

  /** Whether a cable joins the two. */
  areJoined(a: string, b: string): boolean {
    return a !== b && this.links.some(({ between }) => between.includes(a) && between.includes(b));
  }

  /** The address by which a host is reached from another: on the cable that joins them, or its first. */
  addressFor(from: string, to: string): string {
    const host = this.hostOf(to);
    if (!this.areJoined(from, to)) return host.address;
    const shared = this.links.findIndex(({ between }) => between.includes(from) && between.includes(to));
    return this.addressOn(shared, to);
  }

  /** The address of a host on one of its cables, as `World.cable` gives it. */
  private addressOn(cable: number, host: string): string {
    const which = this.links[cable]?.between.indexOf(host) === 0 ? 1 : 2;
    return `10.${cable >> 8}.${cable & 0xff}.${which}`;
  }

  private host({ name, config }: HostPlan): SimHost {
    return this.world.host(name, { config });
  }

  /** Hosts that no cable joins reach each other by those between them, which are routers then. */
  private joinAll(): void {
    if (this.hosts.size < 3) return;
    for (const from of this.hosts.keys()) {
      for (const [cable, via] of this.ways(from)) {
        if (via === null) continue;
        this.hostOf(via.router).forward();
        this.hostOf(from).route(`10.${cable >> 8}.${cable & 0xff}.0/24`, this.addressOn(via.cable, via.router));
      }
    }
  }

  /** For each cable: the neighbour by whom it is reached from a host, by the fewest cables; null for its own. */
  private ways(from: string): Map<number, { readonly router: string; readonly cable: number } | null> {
    const ways = new Map<number, { readonly router: string; readonly cable: number } | null>();
    const first = new Map<string, { readonly router: string; readonly cable: number } | null>([[from, null]]);
    for (const [host, via] of first) {
      for (const [cable, { between }] of this.links.entries()) {
        if (!between.includes(host)) continue;
        if (!ways.has(cable)) ways.set(cable, via);
        const next = between[0] === host ? between[1] : between[0];
        if (!first.has(next)) first.set(next, via ?? { router: next, cable });
      }
    }
    return ways;
  }
}
