/** RFC 9293 §3.4: sequence numbers, arithmetic modulo 2^32. Kept as int32, so that comparing is a subtraction. */

/** A sequence number. Only this file makes one: plain `+` and `<` on it are mistakes that the compiler shows. */
export type Seq = number & { readonly seq: unique symbol };

/** Any number taken modulo 2^32. */
export function seq(n: number): Seq {
  return (n | 0) as Seq;
}

/** `a` moved right by `n` octets (left when negative). */
export function add(a: Seq, n: number): Seq {
  return ((a + n) | 0) as Seq;
}

/** How far `a` lies right of `b`: negative when left of it. */
export function diff(a: Seq, b: Seq): number {
  return (a - b) | 0;
}

/** `a` < `b`, in the RFC's sense. */
export function lt(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` =< `b`. */
export function le(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) <= 0;
}

/** `a` > `b`. */
export function gt(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) > 0;
}

/** `a` >= `b`. */
export function ge(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) >= 0;
}

/** The later of two. */
export function later(a: Seq, b: Seq): Seq {
  return ((a - b) | 0) >= 0 ? a : b;
}

/** The number as people read it: 0 to 2^32 - 1. */
export function unsigned(a: Seq): number {
  return a >>> 0;
}
