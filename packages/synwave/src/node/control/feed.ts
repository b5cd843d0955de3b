/** PacketFeed: packets for whoever looks on at the moment; while nobody does, it costs nothing. */
import type { About, Direction, Recorder } from '../../capture/record.ts';

export interface FeedInterface {
  readonly name: string;
  readonly linkType: number;
}

export interface FeedPacket {
  readonly interfaceId: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** Good until the call returns. */
  readonly data: Uint8Array;
  readonly direction: Direction | null;
}

/** A recorder for `tap` that hands packets on to its viewers. */
export class PacketFeed implements Recorder {
  readonly interfaces: FeedInterface[] = [];
  private readonly viewers: Set<(packet: FeedPacket) => void> = new Set<(packet: FeedPacket) => void>();

  get wanted(): boolean {
    return this.viewers.size > 0;
  }

  addInterface({ name, linkType }: FeedInterface): number {
    return this.interfaces.push({ name, linkType }) - 1;
  }

  packet(interfaceId: number, time: bigint, data: Uint8Array, about: About = {}): void {
    const packet = { interfaceId, time, data, direction: about.direction ?? null };
    for (const viewer of this.viewers) viewer(packet);
  }

  /** `viewer` gets each packet from now on, until what is answered is called. */
  watch(viewer: (packet: FeedPacket) => void): () => void {
    this.viewers.add(viewer);
    return () => void this.viewers.delete(viewer);
  }
}
