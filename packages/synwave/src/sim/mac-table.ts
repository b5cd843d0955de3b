/** MacTable: which port of a switch leads to which station, as far as it was heard of not long ago (IEEE 802.1D §7.9). */
import type { Mac } from '../base/mac.ts';
import type { Micros } from '../base/time.ts';

/** Where stations are: a port. */
export interface Place {
  /** How often it has lost its carrier: what was learned before that is no longer so. */
  readonly unplugs: number;
}

/** A station. Entries stand in a row in the order in which they were heard of last. */
interface Entry<P> {
  mac: Mac;
  place: P;
  unplugs: number;
  heard: Micros;
  older: Entry<P> | null;
  newer: Entry<P> | null;
}

export class MacTable<P extends Place> {
  /** Stations heard of for the first time, or again after they were forgotten. */
  learned = 0;
  /** Stations heard of elsewhere than before. */
  moved = 0;
  /** Stations that had to make room for others. */
  replaced = 0;
  private readonly aging: Micros;
  private readonly most: number;
  private readonly byMac: Map<Mac, Entry<P>> = new Map<Mac, Entry<P>>();
  private oldest: Entry<P> | null = null;
  private newest: Entry<P> | null = null;

  /** `aging`: how long a station is known after it was heard of; `most`: how many are. */
  constructor(aging: Micros, most: number) {
    this.aging = aging;
    this.most = most;
  }

  /** A frame from `mac` came in at `place`. In a full table the station that was silent longest makes room. */
  learn(mac: Mac, place: P, now: Micros): void {
    let entry = this.current(mac, now);
    if (entry === null) {
      this.learned++;
      if (this.byMac.size >= this.most) this.makeRoom(now);
      entry = { mac, place, unplugs: 0, heard: now, older: null, newer: null };
      this.byMac.set(mac, entry);
    } else {
      if (entry.place !== place) this.moved++;
      this.takeOut(entry);
    }
    entry.place = place;
    entry.unplugs = place.unplugs;
    entry.heard = now;
    this.append(entry);
  }

  /** Where `mac` is; null: unknown. */
  find(mac: Mac, now: Micros): P | null {
    return this.current(mac, now)?.place ?? null;
  }

  /** Every station that is known, that heard of last at the end. */
  known(now: Micros): { mac: Mac; place: P; heard: Micros }[] {
    const all: { mac: Mac; place: P; heard: Micros }[] = [];
    for (let entry = this.oldest; entry !== null; entry = entry.newer) {
      if (this.isCurrent(entry, now)) all.push({ mac: entry.mac, place: entry.place, heard: entry.heard });
    }
    return all;
  }

  clear(): void {
    this.byMac.clear();
    this.oldest = null;
    this.newest = null;
  }

  /** The entry for `mac`, unless it has become void: then it is gone. */
  private current(mac: Mac, now: Micros): Entry<P> | null {
    const entry = this.byMac.get(mac);
    if (entry === undefined) return null;
    if (this.isCurrent(entry, now)) return entry;
    this.remove(entry);
    return null;
  }

  private isCurrent({ heard, unplugs, place }: Entry<P>, now: Micros): boolean {
    return now - heard < this.aging && unplugs === place.unplugs;
  }

  private makeRoom(now: Micros): void {
    const { oldest } = this;
    if (oldest === null) return;
    if (this.isCurrent(oldest, now)) this.replaced++;
    this.remove(oldest);
  }

  private remove(entry: Entry<P>): void {
    this.byMac.delete(entry.mac);
    this.takeOut(entry);
  }

  private takeOut(entry: Entry<P>): void {
    const { older, newer } = entry;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
  }

  private append(entry: Entry<P>): void {
    entry.older = this.newest;
    entry.newer = null;
    if (this.newest === null) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
  }
}
