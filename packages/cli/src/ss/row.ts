/** One socket as ss has it: its own names of the states, and queues that count SYN and FIN as the kernel's do. */
import type { SocketReport } from 'synwave/node';

export interface Row {
  /** ss's name: `ESTAB`. */
  readonly state: string;
  readonly received: number;
  readonly sent: number;
  readonly local: string;
  readonly localPort: string;
  readonly remote: string;
  readonly remotePort: string;
  readonly socket: SocketReport;
  readonly host: string;
  readonly pid: number;
  readonly command: string;
}

const names: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  'SYN-RECEIVED': 'SYN-RECV',
  CLOSED: 'UNCONN',
};

export function rowOf(socket: SocketReport, host: string, pid: number, command: string): Row {
  const { state, local, localPort, remote, remotePort, both, info } = socket;
  const listens = info === null;
  return {
    state: names[state] ?? state,
    received: receivedOf(socket),
    sent: sentOf(socket),
    local: both ? '*' : bracketed(local),
    localPort: String(localPort),
    // A listener's peer is any of its family.
    remote: listens ? (both ? '*' : local.includes(':') ? '[::]' : '0.0.0.0') : bracketed(remote),
    remotePort: listens ? '*' : String(remotePort),
    socket,
    host,
    pid,
    command,
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** A FIN behind text that nobody has read counts as an octet. */
function receivedOf({ state, received }: SocketReport): number {
  return state === 'CLOSE-WAIT' && received > 0 ? received + 1 : received;
}

/** So does a SYN, or a FIN, that is not acknowledged. */
function sentOf({ state, sent }: SocketReport): number {
  return ['SYN-SENT', 'FIN-WAIT-1', 'CLOSING', 'LAST-ACK'].includes(state) ? sent + 1 : sent;
}
