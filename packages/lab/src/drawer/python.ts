/** A host's programs in Python: what a scenario's script does there, with the standard library's sockets. */
import type { AppPlan, Deed } from 'synwave/sim';
import type { Recording } from '../worker/protocol.ts';
import { addressOf, programLines } from './program.ts';

export function pythonOf(run: Recording, host: string): string {
  const lines = programLines(run, host);
  const body = lines.flatMap(({ when, deed }) => [...(when === '' ? [] : [`# ${when}`]), ...statement(run, deed)]);
  return ['import socket', '', ...body].join('\n');
}

function statement(run: Recording, deed: Deed): string[] {
  switch (deed.do) {
    case 'listen': {
      const name = id(deed.as);
      const accepts =
        deed.app === null
          ? []
          : ['while True:', ...indent([`conn, peer = ${name}.accept()  # waits`, ...app(deed.app)])];
      return [
        `${name} = socket.socket(socket.AF_INET, socket.SOCK_STREAM)`,
        `${name}.bind(('', ${deed.port}))`,
        `${name}.listen(${deed.backlog ?? ''})`,
        ...accepts,
      ];
    }
    case 'accept':
      return [
        `${id(deed.as)}, peer = ${id(deed.socket)}.accept()  # waits`,
        ...(deed.app === null ? [] : app(deed.app, id(deed.as))),
      ];
    case 'connect':
      return [
        `${id(deed.as)} = socket.socket(socket.AF_INET, socket.SOCK_STREAM)`,
        ...(deed.from === 0 ? [] : [`${id(deed.as)}.bind(('', ${deed.from}))`]),
        `${id(deed.as)}.connect(('${addressOf(run, deed.to)}', ${deed.port}))  # waits for the SYN,ACK`,
        ...(deed.app === null ? [] : app(deed.app, id(deed.as))),
      ];
    case 'write': {
      const write = `${id(deed.socket)}.sendall(${content(deed.content)})`;
      return deed.times === 1 ? [write] : [`for _ in range(${deed.times}):`, `    ${write}`];
    }
    case 'read':
      return [`data = ${id(deed.socket)}.recv(${deed.octets})  # waits`];
    case 'read-all':
      return [`while data := ${id(deed.socket)}.recv(65536):`, '    pass'];
    case 'stop-reading':
      return ['# reads no more'];
    case 'shutdown':
      return [`${id(deed.socket)}.shutdown(socket.SHUT_WR)`];
    case 'close':
      return [`${id(deed.socket)}.close()`];
    case 'abort':
      return [
        `${id(deed.socket)}.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))`,
        `${id(deed.socket)}.close()  # RST`,
      ];
    case 'set':
      return [
        ...(deed.noDelay === null
          ? []
          : [`${id(deed.socket)}.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, ${deed.noDelay ? 1 : 0})`]),
        ...(deed.keepAlive === null
          ? []
          : [`${id(deed.socket)}.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, ${deed.keepAlive ? 1 : 0})`]),
      ];
    case 'bind':
      return [
        `${id(deed.as)} = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)`,
        `${id(deed.as)}.bind(('', ${deed.port}))`,
      ];
    case 'send':
      return [`${id(deed.socket)}.sendto(${content(deed.content)}, ('${addressOf(run, deed.to)}', ${deed.port}))`];
    default:
      return [];
  }
}

function app(plan: AppPlan, socket = 'conn'): string[] {
  switch (plan.name) {
    case 'echo':
      return [`while data := ${socket}.recv(65536):`, `    ${socket}.sendall(data)`, `${socket}.close()`];
    case 'read':
      return [`while ${socket}.recv(65536):`, '    pass', `${socket}.close()`];
    case 'greet':
      return [`${socket}.sendall(b'hello')`, `${socket}.shutdown(socket.SHUT_WR)`];
    case 'serve':
      return [`while ${socket}.recv(65536):`, `    ${socket}.sendall(answer)`, `${socket}.close()`];
    case 'ask':
      return [`${socket}.sendall(request)`, `answer = ${socket}.recv(65536)`];
    case 'reaper':
      return [
        `${socket}.settimeout(${String(plan.settings['idle'] ?? '5 s').replace(/\s*s$/, '')})`,
        `while data := ${socket}.recv(65536):`,
        `    ${socket}.sendall(data)`,
      ];
    case 'shell':
      return [`while line := ${socket}.recv(1024):`, `    ${socket}.sendall(run(line.decode()))`];
    default:
      return [`${plan.name}(${socket})`];
  }
}

function content(what: { readonly octets: number } | { readonly text: string }): string {
  return 'text' in what ? `b${JSON.stringify(what.text)}` : `bytes(${what.octets})`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

function id(name: string): string {
  return name.replace(/\W/g, '_');
}
