/** What sockstat, netstat and ss would print of the host under test, and grep, so that scripts can count sockets by state. */
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { TcpEnd } from './calls/descriptors.ts';
import type { Kernel } from './calls/kernel.ts';
import { Unsupported } from './errors.ts';

export type Tool = 'sockstat' | 'netstat' | 'ss';

/** The names that the tools have for states; sockstat's and netstat's on FreeBSD are the RFC's with underscores. */
const ssNames: Readonly<Record<string, string>> = {
  CLOSED: 'UNCONN',
  LISTEN: 'LISTEN',
  'SYN-SENT': 'SYN-SENT',
  'SYN-RECEIVED': 'SYN-RECV',
  ESTABLISHED: 'ESTAB',
  'FIN-WAIT-1': 'FIN-WAIT-1',
  'FIN-WAIT-2': 'FIN-WAIT-2',
  'CLOSE-WAIT': 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  'LAST-ACK': 'LAST-ACK',
  'TIME-WAIT': 'TIME-WAIT',
};

const linuxNetstat: Readonly<Record<string, string>> = {
  'SYN-RECEIVED': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  CLOSED: 'CLOSE',
};

interface Line {
  readonly state: string;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/** One line for each socket of TCP that the host has, after a heading. */
export function socketLines(kernel: Kernel, tool: Tool, args: readonly string[]): string[] {
  const all = linesOf(kernel).filter((line) => isAskedFor(kernel, tool, args, line));
  const quiet =
    tool === 'sockstat' ? args.some((arg) => /^-[a-zA-Z]*q/.test(arg)) : args.some((arg) => /^-[a-zA-Z]*H/.test(arg));
  const heading =
    tool === 'sockstat'
      ? 'USER COMMAND PID FD PROTO LOCAL ADDRESS FOREIGN ADDRESS STATE'
      : 'Proto Recv-Q Send-Q Local Address Foreign Address State';
  return [...(quiet ? [] : [heading]), ...all.map((line) => format(kernel, tool, line))];
}

function linesOf(kernel: Kernel): Line[] {
  const { stack, hostTime } = kernel.subject;
  const lines: Line[] = [];
  for (const [, descriptor] of kernel.all()) {
    if (!(descriptor instanceof TcpEnd) || descriptor.bound === null) continue;
    const { address, port } = descriptor.bound;
    if (descriptor.phase === 'listening') {
      lines.push({ state: 'LISTEN', local: formatAddress(address), localPort: port, remote: '*', remotePort: 0 });
    } else if (descriptor.id >= 0 && kernel.stateOf(descriptor) === 0) {
      lines.push({ state: 'CLOSED', local: formatAddress(address), localPort: port, remote: '*', remotePort: 0 });
    }
  }
  for (const { name, info } of stack.connections(hostTime)) {
    const { local, localPort, remote, remotePort } = name;
    lines.push({ state: info.state, local, localPort, remote, remotePort });
  }
  return lines;
}

/** Ports, families and states that are picked by flags. Listeners are shown with -l or -a, or by sockstat. */
function isAskedFor(kernel: Kernel, tool: Tool, args: readonly string[], line: Line): boolean {
  const flags = args.filter((arg) => /^-[a-zA-Z0-9]/.test(arg)).join('');
  const family = parseAddress(line.local)?.family ?? 4;
  if (flags.includes('4') && !flags.includes('6') && family !== 4) return false;
  if (flags.includes('6') && !flags.includes('4') && family !== 6) return false;
  const listens = line.state === 'LISTEN';
  if (tool === 'sockstat') {
    const at = args.findIndex((arg) => /^-[a-zA-Z0-9]*p$/.test(arg));
    const joined = args.find((arg) => /^-[a-zA-Z0-9]*p\d/.test(arg))?.replace(/^-[a-zA-Z0-9]*p/, '');
    const ports = at >= 0 ? args[at + 1] : joined;
    if (ports !== undefined && !isAmong(ports, line.localPort) && !isAmong(ports, line.remotePort)) return false;
    if (flags.includes('l') && !flags.includes('c')) return listens;
    if (flags.includes('c') && !flags.includes('l')) return !listens;
    return true;
  }
  const wanted = args.indexOf('state') >= 0 ? args[args.indexOf('state') + 1] : undefined;
  if (wanted !== undefined) return nameOf(kernel, 'ss', line.state).toLowerCase() === canonical(wanted);
  if (listens) return flags.includes('l') || flags.includes('a');
  return !flags.includes('l') || flags.includes('a');
}

function canonical(state: string): string {
  const lower = state.toLowerCase();
  return { established: 'estab', listening: 'listen', closed: 'unconn' }[lower] ?? lower;
}

function isAmong(ports: string, port: number): boolean {
  return ports.split(',').some((part) => {
    const [from = '', to = from] = part.split('-');
    return port >= Number(from) && port <= Number(to);
  });
}

function nameOf(kernel: Kernel, tool: Tool, state: string): string {
  if (tool === 'ss') return ssNames[state] ?? state;
  if (!kernel.isBsd && tool === 'netstat') return linuxNetstat[state] ?? state.replaceAll('-', '_');
  return state === 'SYN-RECEIVED' ? 'SYN_RCVD' : state.replaceAll('-', '_');
}

function format(kernel: Kernel, tool: Tool, line: Line): string {
  const family = parseAddress(line.local)?.family ?? 4;
  const state = nameOf(kernel, tool, line.state);
  const between = kernel.isBsd && tool === 'netstat' ? '.' : ':';
  const local = `${line.local === '0.0.0.0' || line.local === '::' ? '*' : line.local}${between}${line.localPort}`;
  const remote = `${line.remote}${between}${line.remotePort === 0 ? '*' : line.remotePort}`;
  const protocol = `tcp${tool === 'sockstat' || kernel.isBsd ? family : family === 6 ? '6' : ''}`;
  if (tool === 'sockstat') return `root packetdrill 1 3 ${protocol} ${local} ${remote} ${state}`;
  if (tool === 'ss') return `${state} 0 0 ${local} ${remote}`;
  return `${protocol} 0 0 ${local} ${remote} ${state}`;
}

/** `grep -q -c -v -i -E -F -w -x`, with patterns that both kinds of regular expression share. */
export function grep(args: readonly string[], input: readonly string[]): { lines: readonly string[]; status: number } {
  const flags = args
    .filter((arg) => /^-[a-zA-Z]+$/.test(arg))
    .join('')
    .replaceAll('-', '');
  const words = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
  const pattern = words[0];
  if (pattern === undefined || words.length > 1)
    throw new Unsupported('grep takes one pattern here, and what comes through the pipe');
  let source = flags.includes('F') ? pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
  if (!flags.includes('F') && !flags.includes('E')) {
    // In basic expressions it is the other way round with \( \) \| \+ \?.
    source = source.replaceAll(/\\?[(){}|+?]/g, (c) => (c.length === 2 ? c.slice(1) : `\\${c}`));
  }
  if (flags.includes('w')) source = `\\b(?:${source})\\b`;
  if (flags.includes('x')) source = `^(?:${source})$`;
  let expression: RegExp;
  try {
    expression = new RegExp(source, flags.includes('i') ? 'i' : '');
  } catch {
    throw new Unsupported(`grep: ${pattern} is no pattern that can be read`);
  }
  const found = input.filter((line) => expression.test(line) !== flags.includes('v'));
  const status = found.length > 0 ? 0 : 1;
  if (flags.includes('c')) return { lines: [String(found.length)], status };
  return { lines: flags.includes('q') ? [] : found, status };
}
