/** Leaves out of the worker what prints packets as tcpdump does: there only the log of a world that is stuck would use it. */
import type { Plugin } from 'vite';

const NAME = '\0brief-printer';

const code = `export class PacketPrinter {
  line(frame, length) { return 'a packet of ' + (length ?? frame.length) + ' octets'; }
  ethernetLine(frame, length) { return this.line(frame, length); }
}`;

export function briefLog(): Plugin {
  return {
    name: 'synwave-brief-log',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id === '../wire/text.ts' && importer?.endsWith('/synwave/src/sim/log.ts') === true ? NAME : null,
    load: (id) => (id === NAME ? code : null),
  };
}
