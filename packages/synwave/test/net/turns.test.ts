/** Turns: in which order callbacks come, whatever the order in which they were asked for. */
import { describe, expect, test } from 'vitest';
import { Turns } from '../../src/net/turns.ts';
import type { Driver } from '../../src/socket/driver.ts';

/** A loop that turns by hand. */
function byHand(): { driver: Driver; run: () => void } {
  const queue: (() => void)[] = [];
  const driver: Driver = {
    now: () => 0,
    wake: () => undefined,
    soon: (act) => queue.push(act),
    after: () => ({ cancel: () => undefined }),
  };
  const run = (): void => {
    for (let act = queue.shift(); act !== undefined; act = queue.shift()) act();
  };
  return { driver, run };
}

describe('a round', () => {
  test('what is done, what arrives, what is done by then, what closes, the latest first', () => {
    const { driver, run } = byHand();
    const turns = new Turns(driver);
    const told: string[] = [];
    const say = (text: string, then?: () => void) => (): void => {
      told.push(text);
      then?.();
    };
    turns.close(say('closed 1'));
    turns.close(say('closed 2'));
    turns.arrive(
      say('arrived 1', () => {
        turns.arriveLast(say('arrived last'));
        turns.arriveNext(say('arrived next'));
        turns.arrive(say('arrived in the next round'));
        turns.complete(say('done meanwhile'));
      }),
    );
    turns.arrive(say('arrived 2'));
    turns.complete(say('done before'));
    run();
    expect(told).toEqual([
      'done before',
      'arrived 1',
      'arrived next',
      'arrived 2',
      'arrived last',
      'done meanwhile',
      'closed 2',
      'closed 1',
      'arrived in the next round',
    ]);
  });

  test('begins anew when the loop has come to rest', () => {
    const { driver, run } = byHand();
    const turns = new Turns(driver);
    const told: string[] = [];
    turns.arrive(() => told.push('arrived'));
    run();
    turns.close(() => told.push('closed'));
    turns.arrive(() => told.push('arrived again'));
    run();
    expect(told).toEqual(['arrived', 'arrived again', 'closed']);
  });

  test('goes on after a callback that throws', () => {
    const { driver, run } = byHand();
    const turns = new Turns(driver);
    const told: string[] = [];
    turns.arrive(() => {
      throw new Error('of the program');
    });
    turns.arrive(() => told.push('the next'));
    expect(run).toThrow('of the program');
    run();
    expect(told).toEqual(['the next']);
  });
});
