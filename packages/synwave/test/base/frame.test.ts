/** Frames and their pools. */
import { describe, expect, test } from 'vitest';
import { Frame, FramePool } from '../../src/base/frame.ts';

describe('Frame', () => {
  test('its three views stand on one buffer of whole words', () => {
    const frame = new Frame(5);
    expect(frame.bytes.length).toBe(8);
    frame.view.setUint16(2, 0x0102);
    expect([...frame.bytes]).toEqual([0, 0, 1, 2, 0, 0, 0, 0]);
    frame.words[1] = 0xffff_ffff;
    expect(frame.view.getInt32(4)).toBe(-1);
  });

  test('from copies the packet behind the head room, copy takes it out again', () => {
    const packet = Uint8Array.of(1, 2, 3);
    const frame = Frame.from(packet, 10);
    packet[0] = 9;
    expect([frame.at, frame.end, frame.length]).toEqual([10, 13, 3]);
    const copied = frame.copy();
    frame.bytes[10] = 7;
    expect([...copied]).toEqual([1, 2, 3]);
  });

  test('release without a pool does nothing', () => {
    const frame = Frame.from(Uint8Array.of(1));
    frame.release();
    expect([...frame.copy()]).toEqual([1]);
  });
});

describe('FramePool', () => {
  test('a released frame is lent again, empty, with the new head room', () => {
    const pool = new FramePool(64);
    const frame = pool.take(16);
    frame.at = 3;
    frame.end = 60;
    frame.release();
    const again = pool.take(20);
    expect(again).toBe(frame);
    expect([again.at, again.end, again.length]).toEqual([20, 20, 0]);
    expect(pool.take(20)).not.toBe(frame);
  });

  test('it keeps no more idle frames than it was told', () => {
    const pool = new FramePool(64, 1);
    const first = pool.take(0);
    const second = pool.take(0);
    first.release();
    second.release();
    expect(pool.take(0)).toBe(first);
    expect(pool.take(0)).not.toBe(second);
  });
});
