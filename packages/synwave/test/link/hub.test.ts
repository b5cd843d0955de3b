/** Hub: who may speak from which address, and where packets for whom go. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Hub } from '../../src/link/hub.ts';
import { type Link, onTheWire, type Receiver } from '../../src/link/link.ts';
import { packet } from '../ip/wire.ts';

class Port implements Link {
  readonly name = 'port';
  readonly mtu = 1500;
  readonly offloads = onTheWire;
  readonly heard: string[] = [];
  private receiver: Receiver | null = null;

  send(frame: Frame): void {
    this.heard.push(new TextDecoder().decode(frame.copy().subarray(frame.bytes[frame.at] === 0x45 ? 20 : 40)));
    frame.release();
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  says(from: string, to: string, text: string): void {
    const family = from.includes(':') ? 6 : 4;
    this.receiver?.frameArrives(Frame.from(packet(family, 253, new TextEncoder().encode(text), { from, to })));
  }

  octets(bytes: Uint8Array): void {
    this.receiver?.frameArrives(Frame.from(bytes));
  }
}

let up: Port;
let a: Port;
let b: Port;
let c: Port;
let hub: Hub;

function join(uplink: boolean, mayHave?: (octets: Uint8Array) => boolean): void {
  [up, a, b, c] = [new Port(), new Port(), new Port(), new Port()];
  hub = new Hub(uplink ? up : null, mayHave === undefined ? {} : { mayHave });
  for (const port of [a, b, c]) hub.add(port);
}

const inTen = (octets: Uint8Array): boolean => octets.length === 4 && octets[0] === 10;
const heard = (): string[] => [a, b, c, up].map((port) => port.heard.splice(0).join(' '));

describe('a hub with an uplink', () => {
  beforeEach(() => {
    join(true, inTen);
    a.says('10.0.0.1', '192.0.2.1', 'hello');
    b.says('10.0.0.2', '192.0.2.1', 'hello');
    heard();
  });

  test('brings packets to who has shown their address, and nobody else', () => {
    a.says('10.0.0.1', '10.0.0.2', 'ab');
    b.says('10.0.0.2', '10.0.0.1', 'ba');
    up.says('192.0.2.1', '10.0.0.2', 'ub');
    expect(heard()).toEqual(['ba', 'ab ub', '', '']);
  });

  test('what is beyond goes to the uplink alone', () => {
    a.says('10.0.0.1', '192.0.2.7', 'out');
    expect(heard()).toEqual(['', '', '', 'out']);
  });

  test('for an address that nobody has shown, those who have not spoken yet are asked; it comes to no other', () => {
    a.says('10.0.0.1', '10.0.0.3', 'c?');
    up.says('192.0.2.1', '10.0.0.3', 'c!');
    expect(heard()).toEqual(['', '', 'c? c!', '']);
    c.says('10.0.0.4', '192.0.2.1', 'I am 4');
    heard();
    a.says('10.0.0.1', '10.0.0.3', 'c?');
    expect(heard()).toEqual(['', '', '', '']);
    expect(hub.counters.nowhere).toBe(1);
  });

  test('what is for many goes to all others', () => {
    a.says('10.0.0.1', '224.0.0.1', 'all');
    up.says('192.0.2.1', '255.255.255.255', 'down');
    expect(heard()).toEqual(['down', 'all down', 'all down', 'all']);
  });

  test('nobody speaks from an address that another has, is for many, or is beyond', () => {
    b.says('10.0.0.1', '192.0.2.1', 'I am a');
    b.says('224.0.0.9', '192.0.2.1', 'I am many');
    b.says('192.0.2.1', '10.0.0.1', 'I am beyond');
    b.says('fd00::2', '192.0.2.1'.includes(':') ? '' : 'fd00::1', 'six');
    expect(heard()).toEqual(['', '', '', '']);
    expect(hub.counters.spoofed).toBe(4);
  });

  test('an address is free again when its host has gone', () => {
    expect(hub.addressesOf(a)).toEqual([Uint8Array.of(10, 0, 0, 1)]);
    hub.remove(a);
    expect(hub.addressesOf(a)).toEqual([]);
    b.says('10.0.0.1', '192.0.2.1', 'mine now');
    expect(heard()).toEqual(['', '', '', 'mine now']);
    a.says('10.0.0.9', '192.0.2.1', 'still here?');
    expect(heard()).toEqual(['', '', '', '']);
  });

  test('a host has sixteen addresses at most', () => {
    for (let i = 1; i <= 20; i++) c.says(`10.1.0.${i}`, '192.0.2.1', `${i}`);
    expect(heard()[3]?.split(' ')).toHaveLength(16);
    expect(hub.counters.spoofed).toBe(4);
  });

  test('what is no IP packet goes nowhere', () => {
    a.octets(new Uint8Array(0));
    a.octets(Uint8Array.of(0x45, 0, 0));
    a.octets(new Uint8Array(60));
    up.octets(new Uint8Array(60));
    expect(heard()).toEqual(['', '', '', '']);
    expect(hub.counters.nowhere).toBe(4);
  });
});

test('without an uplink and without rules, hosts of both families find one another', () => {
  join(false);
  a.says('fd00::1', 'fd00::2', 'six?');
  expect(heard()).toEqual(['', 'six?', 'six?', '']);
  b.says('fd00::2', 'fd00::1', 'six!');
  a.says('fd00::1', 'ff02::1', 'all');
  expect(heard()).toEqual(['six!', 'all', 'all', '']);
});
