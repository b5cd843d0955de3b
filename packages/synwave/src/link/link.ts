/** Link: a carrier of packets, as the stack sees it. Everything that carries (pipe, cable, TUN, WebSocket ...) is one. */
import type { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';

/** What the carrier takes off the stack's hands. */
export interface Offloads {
  /** Whether outgoing packets need their TCP checksum filled in. A pipe inside one process does without. */
  readonly fillSums: boolean;
  /** Whether checksums of arriving packets are to be verified. */
  readonly verifySums: boolean;
  /** The largest TCP text that may go in one packet: above the MSS it is a super segment, which the link cuts. 0: none. */
  readonly superSegment: number;
}

/** Who takes what arrives. */
export interface Receiver {
  /** A packet has arrived. The frame is the caller's again when this returns: copy what is to stay. */
  frameArrives(frame: Frame): void;
  /** A link with `deliver` holds packets: have it called soon. */
  framesWait(): void;
}

/** A carrier of IP packets, or of Ethernet frames with IP packets in them. */
export interface Link {
  readonly name: string;
  /** The largest IP packet, in octets; an Ethernet header comes on top. */
  readonly mtu: number;
  /** The address of this end on a carrier of Ethernet frames. Left out: the carrier takes IP packets as they are. */
  readonly mac?: Mac;
  readonly offloads: Offloads;
  /** Takes a packet to carry, and owns the frame from then on (`frame.release()` when done). A link that cannot carry drops and counts. */
  send(frame: Frame): void;
  /** Says who takes what arrives; before that, arriving packets are dropped. */
  attach(receiver: Receiver): void;
  /**
   * For a link inside one process: hands over what waits for this end, after its receiver was told by `framesWait`.
   * So nothing arrives in the middle of something else. Answers how many packets there were.
   */
  deliver?(): number;
}

/** Every header of ours fits in front: 14 for Ethernet, 48 for IPv6 and a fragment, 60 for TCP. */
export const HEAD_ROOM = 128;

/** No checksums, no cutting: for links inside one process. */
export const inProcess: Offloads = { fillSums: false, verifySums: false, superSegment: 0 };

/** Checksums filled and verified, packets within the MTU: for links that leave the process, or play that they do. */
export const onTheWire: Offloads = { fillSums: true, verifySums: true, superSegment: 0 };
