/** RFC 9110 §14: the part of a file that is asked for. */

export interface Range {
  readonly from: number;
  /** The last octet, not the one behind it. */
  readonly to: number;
}

/**
 * The range that a `Range` header asks for, of so many octets. `whole`: none that is understood, or several, which a server
 * may answer with everything. `none`: it lies outside.
 */
export function rangeOf(header: string | undefined, size: number): Range | 'whole' | 'none' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const count = Math.min(Number(last), size);
    return count === 0 ? 'none' : { from: size - count, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return 'whole'; // no range at all
  return from >= size ? 'none' : { from, to };
}
