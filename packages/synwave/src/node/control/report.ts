/** What a process tells of its hosts and their sockets, as it goes through its control socket: plain JSON. */
import type { Host } from '../../socket/host.ts';
import type { StackCounters } from '../../stack/stack.ts';
import type { TcpInfo } from '../../tcp/info.ts';

/** One TCP socket. A number that is infinite (`ssthresh` before the first loss) is null. */
export interface SocketReport {
  /** As RFC 9293 spells it. */
  readonly state: string;
  /** Octets that wait for the program, octets not acknowledged; of a listener: connections that wait, and may. */
  readonly received: number;
  readonly sent: number;
  readonly local: string;
  readonly localPort: number;
  /** `*` and 0: none. */
  readonly remote: string;
  readonly remotePort: number;
  /** A listener with no address of its own takes IPv4 as well as IPv6. */
  readonly both: boolean;
  /** Whether a program has it; else the stack alone, until it has ended. */
  readonly held: boolean;
  /** Null: a listener. */
  readonly info: TcpInfo | null;
  readonly congestion: string;
}

export interface HostReport {
  readonly name: string;
  readonly sockets: readonly SocketReport[];
  readonly counters: StackCounters;
}

export interface ProcessReport {
  readonly pid: number;
  /** What the process calls itself: `synwave serve http`. */
  readonly command: string;
  readonly hosts: readonly HostReport[];
}

/** A snapshot of one host. */
export function reportOf(host: Host): HostReport {
  const { stack } = host;
  const listening = [...stack.listeners()].map(
    ({ local, family, port, waiting, backlog, congestion }): SocketReport => ({
      state: 'LISTEN',
      received: waiting,
      sent: backlog,
      local,
      localPort: port,
      remote: '*',
      remotePort: 0,
      both: local === '::' && family === 0,
      held: true,
      info: null,
      congestion,
    }),
  );
  const connected = [...stack.connections(host.now())].map(
    ({ name, info, held }): SocketReport => ({
      state: info.state,
      received: info.rcv.readable,
      sent: info.snd.queued,
      local: name.local,
      localPort: name.localPort,
      remote: name.remote,
      remotePort: name.remotePort,
      both: false,
      held,
      info,
      congestion: info.congestion.controller,
    }),
  );
  return { name: host.name, sockets: [...listening, ...connected], counters: host.counters() };
}
