/** The eleven states of RFC 9293 §3.3.2, each seen on both sides at once: the kernel's by `ss`, ours by the stack. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import type { Frame } from '../../src/base/frame.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { Link, Receiver } from '../../src/link/link.ts';
import type { TcpListener } from '../../src/socket/tcp-listener.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { linuxProfile } from '../../src/tcp/config.ts';
import { lacking, SIX } from './device.ts';
import { KERNEL, type KernelSocket, OURS, type Space, space } from './namespace.ts';

const missing = lacking('python3', 'ss', 'sysctl');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);

/** A link whose packets of one direction, or of both, are lost while it is told so. */
class Gate implements Link {
  readonly name = 'gate';
  readonly mtu: number;
  readonly offloads: Link['offloads'];
  /** What gets through: ours to the kernel, the kernel's to us. */
  out = true;
  in = true;
  private readonly link: Link;

  constructor(link: Link) {
    this.link = link;
    this.mtu = link.mtu;
    this.offloads = link.offloads;
  }

  send(frame: Frame): void {
    if (this.out) this.link.send(frame);
    else frame.release();
  }

  attach(receiver: Receiver): void {
    this.link.attach({
      frameArrives: (frame) => {
        if (this.in) receiver.frameArrives(frame);
      },
      framesWait: () => receiver.framesWait(),
    });
  }
}

const config = { ...linuxProfile, rtoInitial: 200 * MILLISECOND, msl: 2 * SECOND };

describe.skipIf(missing !== '').each(SIX ? ([4, 6] as const) : ([4] as const))('over IPv%i', (family) => {
  let there: Space;
  let gate: Gate;
  let port = 7000;
  beforeAll(async () => {
    there = await space({}, config, (link) => {
      gate = new Gate(link);
      return gate;
    });
  });
  afterAll(() => there.close());

  /** States of ours at that port, a listener's among them. */
  function ours(at: number): string[] {
    const found: string[] = [];
    for (const { name, info } of there.host.stack.connections(there.host.now())) {
      if (name.localPort === at || name.remotePort === at) found.push(info.state);
    }
    return found;
  }

  /** Waits until both sides have connections in these states: ours, the kernel's. */
  async function both(at: number, mine: string[], kernels: string[]): Promise<void> {
    await expect.poll(() => [ours(at), there.states(at)], { timeout: 4000, interval: 15 }).toEqual([mine, kernels]);
  }

  /** A listener of ours, and its connection with a socket of the kernel's. */
  async function kernelCalls(): Promise<{ at: number; socket: TcpSocket; kernel: KernelSocket }> {
    const listener: TcpListener = there.host.listen({ port: ++port });
    const kernel = there.socket();
    expect(await kernel.do('connect', OURS[family], port)).toMatch(/^connected/);
    const socket = (await listener.accept()) as TcpSocket;
    listener.close();
    return { at: port, socket, kernel };
  }

  test('CLOSED, LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED: the kernel calls', async () => {
    const at = ++port;
    expect([ours(at), there.states(at)]).toEqual([[], []]);
    const listener = there.host.listen({ port: at });
    const own = parseAddress(OURS[family]);
    expect(own !== null && there.host.listensOn(own, at)).toBe(true); // LISTEN
    const kernel = there.socket();
    gate.in = false;
    await kernel.do('begin', OURS[family], at);
    await both(at, [], ['SYN-SENT']);
    gate.in = true;
    gate.out = false;
    await both(at, ['SYN-RECEIVED'], ['SYN-SENT']);
    gate.out = true;
    const socket = (await listener.accept()) as TcpSocket;
    await both(at, ['ESTABLISHED'], ['ESTAB']);
    socket.abort();
    listener.close();
    await both(at, [], []);
    await kernel.kill();
  }, 15_000);

  test('the same, and we call', async () => {
    const kernel = there.socket();
    const at = Number(await kernel.do('listen', KERNEL[family]));
    await both(at, [], ['LISTEN']);
    gate.out = false;
    const socket = there.host.connect({ address: KERNEL[family], port: at });
    await both(at, ['SYN-SENT'], ['LISTEN']);
    gate.in = false;
    gate.out = true;
    await both(at, ['SYN-SENT'], ['LISTEN', 'SYN-RECV']);
    gate.in = true;
    await socket.opened;
    expect(await kernel.do('accept')).toBe('accepted');
    await kernel.do('stop');
    await both(at, ['ESTABLISHED'], ['ESTAB']);
    await kernel.do('abort');
    await expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
    await both(at, [], []);
  }, 15_000);

  test('FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT beside ESTABLISHED, CLOSE-WAIT, LAST-ACK: we close first', async () => {
    const { at, socket, kernel } = await kernelCalls();
    gate.out = false;
    socket.end();
    await both(at, ['FIN-WAIT-1'], ['ESTAB']);
    gate.out = true;
    await both(at, ['FIN-WAIT-2'], ['CLOSE-WAIT']);
    // Half-closed: the kernel's side goes on.
    expect(await kernel.do('send', 3000)).toBe('sent');
    await expect.poll(() => socket.readable).toBe(3000);
    expect(await kernel.do('recv', 1)).toBe('0 right');
    socket.tryRead(new Uint8Array(3000));
    gate.in = false;
    await kernel.do('close');
    await both(at, ['FIN-WAIT-2'], ['LAST-ACK']);
    gate.in = true;
    await both(at, ['TIME-WAIT'], []);
    await socket.closed;
    await expect.poll(() => ours(at), { timeout: 6000 }).toEqual([]); // 2 MSL
  }, 15_000);

  test('the same, and the kernel closes first', async () => {
    const { at, socket, kernel } = await kernelCalls();
    gate.in = false;
    await kernel.do('shutdown');
    await both(at, ['ESTABLISHED'], ['FIN-WAIT-1']);
    gate.in = true;
    await both(at, ['CLOSE-WAIT'], ['FIN-WAIT-2']);
    await socket.write(new Uint8Array(3000).map((_, i) => i));
    expect(await kernel.do('recv', 3000)).toBe('3000 right');
    gate.out = false;
    socket.end();
    await both(at, ['LAST-ACK'], ['FIN-WAIT-2']);
    gate.out = true;
    await both(at, [], ['TIME-WAIT']);
    await socket.closed;
  }, 15_000);

  test.each([
    ['the kernel’s FIN arrives first', { in: true, out: false }, ['CLOSING'], ['FIN-WAIT-1']],
    ['ours does', { in: false, out: true }, ['FIN-WAIT-1'], ['CLOSING']],
  ] as const)(
    'CLOSING, at a simultaneous close: %s',
    async (_name, way, mine, kernels) => {
      const { at, socket, kernel } = await kernelCalls();
      gate.in = false;
      gate.out = false;
      socket.end();
      await kernel.do('close');
      await both(at, ['FIN-WAIT-1'], ['FIN-WAIT-1']);
      Object.assign(gate, way);
      await both(at, [...mine], [...kernels]);
      gate.in = true;
      gate.out = true;
      await both(at, ['TIME-WAIT'], ['TIME-WAIT']);
      await socket.closed;
    },
    15_000,
  );
});
