/** A host's programs in TypeScript: what a scenario's script does there, with `synwave/net`. */
import type { AppPlan, Deed } from 'synwave/sim';
import type { Recording } from '../worker/protocol.ts';
import { addressOf, programLines } from './program.ts';

export function typescriptOf(run: Recording, host: string): string {
  const lines = programLines(run, host);
  const usesUdp = lines.some(({ deed }) => deed.do === 'bind' || deed.do === 'send');
  const head = [`import net from 'synwave/net';`, ...(usesUdp ? [`import dgram from 'synwave/dgram';`] : []), ''];
  const body = lines.flatMap(({ when, deed }) => [...(when === '' ? [] : [`// ${when}`]), ...statement(run, deed)]);
  return [...head, ...body].join('\n');
}

function statement(run: Recording, deed: Deed): string[] {
  switch (deed.do) {
    case 'listen': {
      const backlog = deed.backlog === null ? '' : `, backlog: ${deed.backlog}`;
      return [
        `const ${id(deed.as)} = net.createServer({ allowHalfOpen: true }, (socket) => {`,
        ...indent(app(deed.app)),
        '});',
        `${id(deed.as)}.listen({ port: ${deed.port}${backlog} });`,
      ];
    }
    case 'accept':
      return [`${id(deed.socket)}.once('connection', (${id(deed.as)}) => {`, ...indent(app(deed.app)), '});'];
    case 'connect':
      return [
        `const ${id(deed.as)} = net.connect({ host: '${addressOf(run, deed.to)}', port: ${deed.port}${deed.from === 0 ? '' : `, localPort: ${deed.from}`}, allowHalfOpen: true });`,
        ...(deed.app === null
          ? []
          : [`${id(deed.as)}.once('connect', () => {`, ...indent(app(deed.app, id(deed.as))), '});']),
      ];
    case 'write': {
      const write = `${id(deed.socket)}.write(${content(deed.content)});`;
      return deed.times === 1 ? [write] : [`for (let i = 0; i < ${deed.times}; i++) ${write}`];
    }
    case 'read':
      return [`${id(deed.socket)}.read(${deed.octets});`];
    case 'read-all':
      return [`${id(deed.socket)}.resume();`];
    case 'stop-reading':
      return [`${id(deed.socket)}.pause();`];
    case 'shutdown':
      return [`${id(deed.socket)}.end();`];
    case 'close':
      return [`${id(deed.socket)}.${deed.socket.startsWith('listener') ? 'close' : 'destroySoon'}();`];
    case 'abort':
      return [`${id(deed.socket)}.resetAndDestroy();`];
    case 'set':
      return [
        ...(deed.noDelay === null ? [] : [`${id(deed.socket)}.setNoDelay(${deed.noDelay});`]),
        ...(deed.keepAlive === null ? [] : [`${id(deed.socket)}.setKeepAlive(${deed.keepAlive});`]),
      ];
    case 'bind':
      return [`const ${id(deed.as)} = dgram.createSocket('udp4').bind(${deed.port});`];
    case 'send':
      return [`${id(deed.socket)}.send(${content(deed.content)}, ${deed.port}, '${addressOf(run, deed.to)}');`];
    default:
      return [];
  }
}

/** What an app does with `socket`. */
function app(plan: AppPlan | null, socket = 'socket'): string[] {
  switch (plan?.name) {
    case 'echo':
      return [`${socket}.pipe(${socket});`];
    case 'read':
      return [`${socket}.resume().on('end', () => ${socket}.end());`];
    case 'greet':
      return [`${socket}.end('hello');`];
    case 'serve':
      return [`${socket}.on('data', () => ${socket}.write(answer));`, `${socket}.on('end', () => ${socket}.end());`];
    case 'ask':
      return [`${socket}.write(request);`, `${socket}.on('data', (answer) => ask(${socket}, answer));`];
    case 'reaper':
      return [
        `${socket}.setTimeout(${String(plan.settings['idle'] ?? '5 s').replace(/\s*s$/, '')}_000, () => ${socket}.end());`,
        `${socket}.pipe(${socket});`,
      ];
    case 'shell':
      return [`${socket}.on('data', (line) => ${socket}.write(run(String(line))));`];
    default:
      return plan === null ? ['// nobody reads yet'] : [`${plan?.name ?? ''}(${socket});`];
  }
}

function content(what: { readonly octets: number } | { readonly text: string }): string {
  return 'text' in what ? JSON.stringify(what.text) : `Buffer.alloc(${what.octets})`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function id(name: string): string {
  return name.replace(/[^A-Za-z0-9_]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/\W/g, '_');
}
