/** UDP sockets that are bound to one interface each, and what they say to all before the interface has an address. */
import { describe, expect, test } from 'vitest';
import { type Cable, type SimHost, type World, world } from '../../src/sim/index.ts';
import type { UdpSocket } from '../../src/socket/udp-socket.ts';

const ALL = '255.255.255.255';

/** A host between two networks, 10.0.1.1 and 10.0.2.1, with a host on each: 10.0.1.2 and 10.0.2.2. */
function between(): { w: World; middle: SimHost; left: SimHost; right: SimHost; cables: Cable[] } {
  const w = world();
  const [middle, left, right] = [w.host('middle'), w.host('left'), w.host('right')];
  const cables = [left, right].map((host, i) => {
    const sw = w.switch(`s${i + 1}`);
    w.plug(host, sw, { addresses: [`10.0.${i + 1}.2/24`] });
    return w.plug(middle, sw, { addresses: [`10.0.${i + 1}.1/24`] });
  });
  return { w, middle, left, right, cables };
}

/** What waits in a socket, as `sender first-octet`. */
function taken(socket: UdpSocket): string[] {
  const lines: string[] = [];
  for (let message = socket.tryReceive(); message !== null; message = socket.tryReceive()) {
    lines.push(`${message.address} ${message.octets[0]}`);
  }
  return lines;
}

describe('two sockets of one port, each bound to an interface', () => {
  test('hear what comes by their own, sent to the host or to all', async () => {
    const { w, middle, left, right } = between();
    const [first, second] = [middle.udp({ port: 67, interface: 1 }), middle.udp({ port: 67, interface: 2 })];
    const [mine, theirs] = [left.udp({ broadcast: true }), right.udp({ broadcast: true })];
    mine.send(Uint8Array.of(1), '10.0.1.1', 67);
    theirs.send(Uint8Array.of(2), '10.0.2.1', 67);
    mine.send(Uint8Array.of(3), ALL, 67);
    theirs.send(Uint8Array.of(4), ALL, 67);
    await w.runFor(1_000_000);
    expect(taken(first).toSorted()).toEqual(['10.0.1.2 1', '10.0.1.2 3']);
    expect(taken(second).toSorted()).toEqual(['10.0.2.2 2', '10.0.2.2 4']);
    // The latest stands in the table: the earlier one is found all the same, and once alone hears only its own.
    second.close();
    theirs.send(Uint8Array.of(5), '10.0.2.1', 67);
    mine.send(Uint8Array.of(6), '10.0.1.1', 67);
    await w.runFor(1_000_000);
    expect(taken(first)).toEqual(['10.0.1.2 6']);
  });

  test('one interface has one; a socket of all interfaces is in the way of both', () => {
    const { middle } = between();
    const first = middle.udp({ port: 67, interface: 1 });
    expect(() => middle.udp({ port: 67, interface: 1 })).toThrow('EADDRINUSE');
    expect(() => middle.udp({ port: 67 })).toThrow('EADDRINUSE');
    first.close();
    middle.udp({ port: 67 });
    expect(() => middle.udp({ port: 67, interface: 2 })).toThrow('EADDRINUSE');
    expect(() => middle.udp({ interface: 3 })).toThrow('EINVAL');
    expect(() => middle.udp({ interface: 0.5 })).toThrow('EINVAL');
  });

  test('one that is connected hears its peer alone, though another has the port too', async () => {
    const { w, middle, right } = between();
    const first = middle.udp({ port: 67, interface: 2 });
    const second = middle.udp({ port: 67, interface: 1 });
    const [peer, other] = [right.udp(), right.udp()];
    first.connect('10.0.2.2', peer.port);
    other.send(Uint8Array.of(1), '10.0.2.1', 67); // the second is bound to any address, and does not hear that interface
    peer.send(Uint8Array.of(2), '10.0.2.1', 67);
    await w.runFor(1_000_000);
    expect([taken(first), taken(second)]).toEqual([['10.0.2.2 2'], []]);
  });
});

describe('a broadcast by an interface', () => {
  test('is refused unless the socket says that it means it', () => {
    const { middle } = between();
    expect(middle.udp({ interface: 1 }).trySend(new Uint8Array(1), ALL, 67)).toBe('EACCES');
    expect(middle.udp({ interface: 1, broadcast: true }).trySend(new Uint8Array(1), ALL, 67)).toBeNull();
    expect(middle.udp({ interface: 1, broadcast: false }).trySend(new Uint8Array(1), ALL, 67)).toBe('EACCES');
  });

  test('without an address comes from 0.0.0.0, never from an address of another interface (RFC 2131 §4.1)', async () => {
    const w = world();
    const [host, other] = [w.host('host'), w.host('other')];
    const [s1, s2] = [w.switch('s1'), w.switch('s2')];
    w.plug(host, s1, { addresses: ['10.0.1.2/24'] });
    w.plug(host, s2, { addresses: [] });
    w.plug(other, s2, { addresses: ['10.0.2.1/24'] });
    const heard = other.udp({ port: 67 });
    const mine = host.udp({ address: '0.0.0.0', port: 68, interface: 2, broadcast: true });
    mine.send(Uint8Array.of(1), ALL, 67);
    await w.runFor(1_000_000);
    expect(taken(heard)).toEqual(['0.0.0.0 1']);
    host.stack.internet.addAddress(2, '10.0.2.2/24');
    mine.send(Uint8Array.of(2), ALL, 67);
    await w.runFor(1_000_000);
    expect(taken(heard)).toEqual(['10.0.2.2 2']);
  });
});
