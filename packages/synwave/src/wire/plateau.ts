/** RFC 1191 §7: the sizes that links have; a router that does not say how large its next link is means the next one below. */
const plateaus: readonly number[] = [65_535, 32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];

/** The largest plateau below `length`, the size of a packet that was too big. */
export function nextPlateau(length: number): number {
  return plateaus.find((size) => size < length) ?? 68;
}
