/** Turns what a case saw into plain data that two runs can be compared by: errors by shape, objects of ours by name. */

/** The fields by which Node.js errors are told apart, beside class, name and message. */
const ERROR_FIELDS = ['code', 'errno', 'syscall', 'hostname', 'address', 'port', 'localAddress', 'localPort'] as const;

function errorOf(error: Error, depth: number): Record<string, unknown> {
  const shape: Record<string, unknown> = { error: error.constructor.name, name: error.name, message: error.message };
  for (const field of ERROR_FIELDS) {
    if (field in error) shape[field] = snapshot((error as unknown as Record<string, unknown>)[field], depth + 1);
  }
  if (error instanceof AggregateError) shape['errors'] = error.errors.map((one) => snapshot(one, depth + 1));
  if (error.cause !== undefined) shape['cause'] = snapshot(error.cause, depth + 1);
  return shape;
}

/** Long text is compared by length and both ends, so that a failure stays readable. */
function textOf(text: string): string {
  return text.length <= 256 ? text : `${text.slice(0, 32)}...${text.slice(-32)} (${text.length})`;
}

/** `value` as plain data. Functions, streams and servers are named only. */
export function snapshot(value: unknown, depth = 0): unknown {
  if (value === undefined) return '<undefined>';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return `<${String(value)}>`;
  if (typeof value === 'function') return '<function>';
  if (value instanceof Error) return errorOf(value, depth);
  if (value instanceof Uint8Array) return { bytes: textOf(Buffer.from(value).toString('latin1')) };
  if (Array.isArray(value)) return value.map((one) => snapshot(one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  if (!plain || depth > 4) return `<${value.constructor?.name ?? 'object'}>`;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, snapshot(one, depth + 1)]));
}

/** What stands in a trace for values that differ from run to run. */
export interface Names {
  readonly ports: ReadonlyMap<number, string>;
  readonly addresses: ReadonlyMap<string, string>;
}

/** Hides what differs from run to run: ports and addresses with a name by their name, other ephemeral ports as such. */
export function hide(value: unknown, names: Names, key = ''): unknown {
  if (typeof value === 'number') {
    const name = names.ports.get(value);
    if (name !== undefined) return name;
    return /port/i.test(key) && value >= 1024 && value <= 65535 ? '<ephemeral>' : value;
  }
  if (typeof value === 'string') {
    let text = value.replace(/(?<=:)\d{4,5}\b/g, (digits) => names.ports.get(Number(digits)) ?? '<ephemeral>');
    for (const [address, name] of names.addresses) text = text.replaceAll(address, name);
    return text;
  }
  if (Array.isArray(value)) return value.map((one) => hide(one, names, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hide(one, names, name)]));
  }
  return value;
}
