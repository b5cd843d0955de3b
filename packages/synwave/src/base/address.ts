/** IP addresses of either family as four words of 32 bits: IPv4 stands as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */

export type Family = 4 | 6;

/** An address. Those inside packets are reused and overwritten: keep a `clone`, not the object. */
export class Address {
  a = 0;
  b = 0;
  c = 0;
  d = 0;

  set(a: number, b: number, c: number, d: number): this {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.d = d | 0;
    return this;
  }

  copy(other: Address): this {
    this.a = other.a;
    this.b = other.b;
    this.c = other.c;
    this.d = other.d;
    return this;
  }

  clone(): Address {
    return new Address().copy(this);
  }

  equals(other: Address): boolean {
    return this.d === other.d && this.c === other.c && this.b === other.b && this.a === other.a;
  }

  get family(): Family {
    return this.a === 0 && this.b === 0 && this.c === 0xffff ? 4 : 6;
  }
}
