/** The path of an answer to a stranger: as good as one that is remembered, and nobody is forgotten for it. */
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { SECOND } from '../../src/base/time.ts';
import { IpInterface } from '../../src/ip/interface.ts';
import { type Above, Ip } from '../../src/ip/ip.ts';
import { passingPath, pathTo } from '../../src/ip/paths.ts';
import { addressOf, Wire } from '../stack/peer.ts';

const ignore = (): void => {};
const above: Above = {
  drop: ignore,
  undeliverable: ignore,
  incomplete: ignore,
  neighbourMoves: ignore,
  addressMoves: ignore,
};

test('10,000 strangers leave what is known of others, and of no stranger anything is known', () => {
  const ip = new Ip(new Random(1), { now: 0 }, above, ignore);
  const via = new IpInterface(0, new Wire(1500));
  ip.interfaces.push(via);
  ip.routes.add(addressOf('0.0.0.0'), 0, via, addressOf('10.0.0.1'), 'static');
  const friend = addressOf('192.0.2.1');
  const known = pathTo(ip, friend, null);
  known.learnMtu(1300, 0);
  const stranger = addressOf('198.51.100.0');
  for (let i = 0; i < 10_000; i++) {
    stranger.d = (stranger.d + 1) | 0;
    const path = passingPath(ip, stranger, null);
    expect(path.to.equals(stranger)).toBe(true);
    expect(path).toMatchObject({ via, redirect: null, scope: 0 });
    expect(path.nextHop.equals(addressOf('10.0.0.1'))).toBe(true);
    expect(path.mtuAt(SECOND)).toBe(1500);
    // Whatever befalls it is the next one's not.
    path.learnMtu(600, SECOND);
    path.redirect = { to: addressOf('10.0.0.9'), instead: addressOf('10.0.0.1'), via };
  }
  expect(ip.paths.size).toBe(1);
  expect(pathTo(ip, friend, null)).toBe(known);
  expect(passingPath(ip, friend, null)).toBe(known);
  expect(known.mtuAt(SECOND)).toBe(1300);
});

test('a route that is new, or gone, is seen by the next answer', () => {
  const ip = new Ip(new Random(1), { now: 0 }, above, ignore);
  const via = new IpInterface(0, new Wire(1500));
  ip.interfaces.push(via);
  const stranger = addressOf('198.51.100.1');
  expect(passingPath(ip, stranger, null).via).toBe(null);
  ip.routes.add(addressOf('198.51.100.0'), 24, via, null, 'static');
  const path = passingPath(ip, stranger, null);
  expect(path.via).toBe(via);
  expect(path.nextHop.equals(stranger)).toBe(true);
});
