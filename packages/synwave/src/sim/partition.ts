/** Partition: hosts that cannot hear one another, whatever lies between them: cables, switches, routers. */
import { Address } from '../base/address.ts';
import type { Frame } from '../base/frame.ts';
import { type Mac, readMac } from '../base/mac.ts';
import { readAddress } from '../wire/ipv6.ts';

/** A host, as a partition sees it. */
export interface Member {
  readonly name: string;
  readonly macs: readonly Mac[];
  hasAddress(address: Address): boolean;
}

/** RFC 791 §3.1, RFC 8200 §3: where the source address stands. */
const V4_SOURCE = 12;
const V4_HEADER = 20;
const V6_SOURCE = 8;
const V6_HEADER = 40;
/** The sender's in an Ethernet header. */
const MAC_SOURCE = 6;

export class Partition {
  /** `a, b | c`. */
  readonly text: string;
  private readonly groups: ReadonlyMap<string, number>;
  private readonly byMac: ReadonlyMap<Mac, number>;
  private readonly members: readonly (readonly [Member, number])[];
  private readonly address: Address = new Address();

  /** Hosts that are in no group hear everybody, and are heard. */
  constructor(groups: readonly (readonly Member[])[]) {
    const members = groups.flatMap((group, number) => group.map((member) => [member, number] as const));
    this.members = members;
    this.text = groups.map((group) => group.map(({ name }) => name).join(', ')).join(' | ');
    this.groups = new Map(members.map(([{ name }, number]) => [name, number]));
    this.byMac = new Map(members.flatMap(([{ macs }, number]) => macs.map((mac) => [mac, number])));
  }

  /**
   * Whether a frame must not arrive at the station `to` that comes from the station `from`: the one that sent it on this
   * cable, on this LAN or in the first place is of another group. `ip`: where its IP header stands, -1: nowhere.
   */
  parts(from: string, to: string, frame: Frame, ethernet: boolean, ip: number): boolean {
    const group = this.groups.get(to);
    if (group === undefined) return false;
    const other = (each: number | undefined): boolean => each !== undefined && each !== group;
    if (other(this.groups.get(from))) return true;
    if (ethernet && frame.length >= 2 * MAC_SOURCE && other(this.byMac.get(readMac(frame.view, frame.at + MAC_SOURCE))))
      return true;
    return other(this.groupOfSource(frame, ip));
  }

  private groupOfSource(frame: Frame, at: number): number | undefined {
    const { address } = this;
    const { view, end } = frame;
    if (at < 0 || at >= end) return undefined;
    const six = view.getUint8(at) >> 4 === 6;
    if (at + (six ? V6_HEADER : V4_HEADER) > end) return undefined;
    if (six) readAddress(address, view, at + V6_SOURCE);
    else address.set(0, 0, 0xffff, view.getInt32(at + V4_SOURCE));
    return this.members.find(([member]) => member.hasAddress(address))?.[1];
  }
}
