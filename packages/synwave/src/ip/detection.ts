/** RFC 4862 §5.4, RFC 5227 §2: duplicate address detection: whether another station has an address, before and while it is ours. */
import { Due } from '../base/due.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { dropAddress } from './address-gone.ts';
import { announceByArp, probeByArp } from './arp-output.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { announceByNd, probeByNd } from './nd-output.ts';

/** RFC 5227 §1.1, for IPv4. */
const PROBE_WAIT: Micros = SECOND;
const PROBES_V4 = 3;
const PROBE_MIN: Micros = SECOND;
const PROBE_MAX: Micros = 2 * SECOND;
const ANNOUNCE_WAIT: Micros = 2 * SECOND;
const ANNOUNCEMENTS = 2;
const ANNOUNCE_INTERVAL: Micros = 2 * SECOND;
/** §2.4: an address is defended no more often than that. */
const DEFEND_INTERVAL: Micros = 10 * SECOND;
/** RFC 4862 §5.1, DupAddrDetectTransmits; RFC 4861 §10, MAX_RTR_SOLICITATION_DELAY. */
const PROBES_V6 = 1;
const DELAY_V6: Micros = SECOND;

/** What is still to be done for one address: probes first, if it is tentative, then announcements. */
class Detection extends Due {
  private readonly ip: Ip;
  private readonly via: IpInterface;
  private readonly entry: InterfaceAddress;
  private probed = 0;
  private announced = 0;

  constructor(ip: Ip, via: IpInterface, entry: InterfaceAddress) {
    super();
    this.ip = ip;
    this.via = via;
    this.entry = entry;
  }

  happen(): void {
    const { ip, via, entry } = this;
    const { address } = entry;
    if (entry.tentative && this.probed < (address.family === 4 ? PROBES_V4 : PROBES_V6)) this.probe();
    else if (entry.tentative) this.succeed();
    else if (address.family === 4) {
      announceByArp(ip, via, address);
      if (++this.announced < ANNOUNCEMENTS) ip.timers.add(this, ip.clock.now + ANNOUNCE_INTERVAL);
      else entry.detection = null;
    } else {
      announceByNd(ip, via, address);
      entry.detection = null;
    }
  }

  private probe(): void {
    const { ip, via, entry } = this;
    const { address } = entry;
    this.probed++;
    if (address.family === 6) {
      probeByNd(ip, via, address);
      ip.timers.add(this, ip.clock.now + via.retransTimer);
      return;
    }
    probeByArp(ip, via, address);
    const next =
      this.probed < PROBES_V4 ? PROBE_MIN + Math.floor(ip.random.fraction() * (PROBE_MAX - PROBE_MIN)) : ANNOUNCE_WAIT;
    ip.timers.add(this, ip.clock.now + next);
  }

  /** Nobody has it. */
  private succeed(): void {
    const { ip, via, entry } = this;
    entry.tentative = false;
    ip.routes.version++;
    ip.above.addressMoves(via, entry, 'added');
    if (entry.address.family === 4) this.happen();
    else entry.detection = null;
  }
}

/**
 * Begins with an address of an Ethernet link that has come up: probes first if it is to be probed for, for somebody else
 * may have come meanwhile (RFC 5227 §2.1, RFC 4862 §5.3); else it is announced, for whoever was told may have forgotten.
 */
export function beginDetection(ip: Ip, via: IpInterface, entry: InterfaceAddress): void {
  if (entry.probed && !entry.tentative) {
    entry.tentative = true;
    ip.checksSources = true;
    ip.routes.version++;
    ip.above.addressMoves(via, entry, 'tentative');
  }
  const detection = new Detection(ip, via, entry);
  entry.detection = detection;
  const most = !entry.tentative ? 0 : entry.address.family === 4 ? PROBE_WAIT : DELAY_V6;
  ip.timers.add(detection, ip.clock.now + (most > 0 ? Math.floor(ip.random.fraction() * most) : 0));
}

/** The link is down: what was asked is to be asked again. */
export function endDetection(ip: Ip, entry: InterfaceAddress): void {
  if (entry.detection !== null) ip.timers.remove(entry.detection);
  entry.detection = null;
}

/** Another station, `mac`, has the address as well, or wants it. */
export function addressIsClaimed(ip: Ip, via: IpInterface, entry: InterfaceAddress, mac: Mac): void {
  if (mac === via.mac) return; // our own words, come back by a loop
  const { clock, above } = ip;
  const { address, origin } = entry;
  const lately = clock.now - entry.defendedAt < DEFEND_INTERVAL;
  const givenUp = entry.tentative || (address.family === 4 && origin === 'leased' && lately);
  if (!givenUp && lately) return;
  above.addressMoves(via, entry, 'duplicate');
  if (givenUp) {
    dropAddress(ip, via, entry); // RFC 4862 §5.4.5; RFC 5227 §2.4 (b)
    entry.lost?.();
    return;
  }
  // (c): the user has said that it is ours; and what RFC 4862 §5.4.4 leaves open is done for IPv6 as well.
  entry.defendedAt = clock.now;
  if (address.family === 4) announceByArp(ip, via, address);
  else announceByNd(ip, via, address);
}
