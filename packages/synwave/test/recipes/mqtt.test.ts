/** docs/recipes/mqtt.md: MQTT, clients of `mqtt` and the broker aedes: all three qualities of service, a retained message, a last will. */
import { Aedes } from 'aedes';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect } from 'vitest';
import type { SynwaveNet } from '../../src/node/net.ts';
import { body, close, listen, tested } from './places.ts';

/** A client on the host of `net`; lost is lost: it does not come back. */
function clientOf(net: SynwaveNet, options: IClientOptions = {}): Promise<MqttClient> {
  const client = new mqtt.MqttClient(() => net.connect(1883, 'server'), { reconnectPeriod: 0, ...options });
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
  });
}

/** The next `count` messages of a client, by topic and text. */
function messages(client: MqttClient, count: number): Promise<[string, Buffer][]> {
  return new Promise((resolve) => {
    const got: [string, Buffer][] = [];
    const take = (topic: string, payload: Buffer): void => {
      got.push([topic, payload]);
      if (got.length < count) return;
      client.off('message', take);
      resolve(got);
    };
    client.on('message', take);
  });
}

describe('messages of each quality in their order, a large one, a retained one, a last will', () => {
  tested(async ({ client, server, size }) => {
    const broker = await Aedes.createBroker();
    const listening = await listen(server, 1883, (socket) => broker.handle(socket));
    const reader = await clientOf(client, { clientId: 'reader' });
    const writer = await clientOf(client, {
      clientId: 'writer',
      will: { topic: 'wave/will', payload: Buffer.from('gone'), qos: 1, retain: false },
    });

    await reader.subscribeAsync('wave/#', { qos: 2 });
    const all = messages(reader, 301);
    for (const qos of [0, 1, 2] as const) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => writer.publishAsync(`wave/${qos}`, `${i}`, { qos })));
    }
    const content = body(size);
    await writer.publishAsync('wave/large', content, { qos: 1, retain: true });
    const got = await all;
    for (const qos of [0, 1, 2]) {
      const texts = got.filter(([topic]) => topic === `wave/${qos}`).map(([, payload]) => String(payload));
      expect(texts).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    }
    // Order holds within a topic.
    expect(got.find(([topic]) => topic === 'wave/large')?.[1].equals(content)).toBe(true);

    const will = messages(reader, 1);
    writer.stream.destroy(); // without a word: the broker speaks the will
    expect(await will).toEqual([['wave/will', Buffer.from('gone')]]);

    const late = await clientOf(client, { clientId: 'late' });
    const retained = messages(late, 1);
    await late.subscribeAsync('wave/large');
    expect((await retained)[0]?.[1].equals(content)).toBe(true);

    await Promise.all([reader.endAsync(), late.endAsync(), writer.endAsync(true)]);
    await close(listening);
    await new Promise<void>((resolve) => {
      broker.close(resolve);
    });
  });
});
