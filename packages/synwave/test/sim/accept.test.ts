import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { octets, same, takeAll, two } from './helpers.ts';

describe('a connection that waits a second to be accepted', () => {
  test('has what was sent meanwhile, and hears what comes later', async () => {
    const { w, client, server } = two({ delay: MILLISECOND });
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const mine = client.connect({ address: server.address, port: 80 });
      const text = octets(300_000, 1);
      await mine.opened;
      await mine.write(text.subarray(0, 1000));
      await w.sleep(SECOND);
      expect(listener.queues).toEqual({ waiting: 1, backlog: 511, halfOpen: 0 });
      const theirs = await listener.accept();
      if (theirs === null) throw new Error('the listener is closed');
      const got = takeAll(theirs);
      await w.sleep(SECOND);
      await mine.write(text.subarray(1000));
      mine.end();
      expect(same(await got, text)).toBe(true);
    });
  });

  test('tells a handler what had come', async () => {
    const { w, client, server } = two({ delay: MILLISECOND });
    const heard: string[] = [];
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const mine = client.connect({ address: server.address, port: 80 });
      await mine.opened;
      await mine.write(octets(10, 1));
      mine.end();
      await w.sleep(SECOND);
      const theirs = await listener.accept();
      if (theirs === null) throw new Error('the listener is closed');
      theirs.handler = { readable: () => heard.push('readable'), ended: () => heard.push('ended') };
      await w.sleep(SECOND);
    });
    expect(heard).toEqual(['readable', 'ended']);
  });

  test('and was reset meanwhile: says so', async () => {
    const { w, client, server } = two({ delay: MILLISECOND });
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const mine = client.connect({ address: server.address, port: 80 });
      await mine.opened;
      await w.sleep(MILLISECOND);
      mine.abort();
      await w.sleep(SECOND);
      const theirs = await listener.accept();
      await expect(theirs?.closed).rejects.toThrow('ECONNRESET');
      await expect(theirs?.read()).rejects.toThrow('ECONNRESET');
    });
  });
});
