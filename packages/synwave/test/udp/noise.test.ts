/** UDP and ICMP that no honest host sends, thrown at one: nothing throws, no storm is answered by a storm, memory is bounded. */
import { expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND } from '../../src/base/time.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import { writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { writeIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeUdp } from '../../src/wire/udp.ts';
import { connection, two } from '../sim/helpers.ts';
import { writeIp } from '../wire/arbitrary.ts';
import { sentBy } from './forge.ts';

const PACKETS = 20_000;

test.each([1, 2, 3])('seed %i', async (seed) => {
  const hosts = two();
  const { w, client, server, cable } = hosts;
  const random = new Random(seed);
  await w.run(async () => {
    const [mine] = await connection(hosts);
    const theirs = server.udp({ port: 9, receiveBuffer: 50_000 });
    const peer = server.udp({ port: 10 });
    peer.connect(client.address, 4000);
    const sent = sentBy(server, cable);
    theirs.send(new Uint8Array(8), client.address, 4000);
    peer.send(new Uint8Array(8));
    void server.ping(client.address, { timeout: 1000 * MILLISECOND });
    for (let i = 0; i < PACKETS; i++) {
      const v4 = random.chance(0.5);
      const packet = new Packet();
      packet.family = v4 ? 4 : 6;
      if (v4) {
        packet.src.set(0, 0, 0xffff, random.chance(0.9) ? 0x0a000001 : random.next());
        packet.dst.set(0, 0, 0xffff, 0x0a000002);
      } else {
        packet.src.set(0xfd00_0000, 0, 0, random.chance(0.9) ? 1 : random.next());
        packet.dst.set(0xfd00_0000, 0, 0, 2);
      }
      // What it quotes: a packet of the host's own, nearly, or nothing that makes sense.
      const text = random.chance(0.5)
        ? (sent[random.below(sent.length)] ?? new Uint8Array(0)).slice()
        : new Uint8Array(random.below(100));
      if (random.chance(0.5))
        for (let k = 0; k < 3 && text.length > 0; k++) text[random.below(text.length)] = random.next();
      const frame = Frame.from(text.subarray(0, random.below(text.length + 1)), HEAD_ROOM);
      const kind = random.below(3);
      const low = (): number => (random.chance(0.8) ? random.below(14) : random.below(256));
      if (kind === 0) {
        packet.protocol = Protocol.Udp;
        writeUdp(frame, random.below(5000), 8 + random.below(4), addressSum(packet.src, packet.dst, Protocol.Udp));
      } else if (v4) {
        packet.protocol = Protocol.Icmp;
        writeIcmpv4(frame, low(), low(), random.next());
      } else {
        packet.protocol = Protocol.Icmpv6;
        writeIcmpv6(frame, low(), low(), random.next(), addressSum(packet.src, packet.dst, Protocol.Icmpv6));
      }
      writeIp(frame, packet);
      if (random.chance(0.05)) frame.bytes[frame.at + random.below(frame.length)] = random.next();
      cable.ends[0].send(frame);
    }
    await w.sleep(MILLISECOND);
    const { icmp, memory, drops } = server.counters();
    // Echoes are answered one for one, errors within the limit; all that was not taken was counted.
    expect(icmp.out).toBeLessThan(PACKETS);
    expect(sent.length).toBeLessThan(PACKETS / 5);
    expect(theirs.info().held).toBeLessThanOrEqual(50_000 + 1500);
    expect(memory.used).toBeLessThan(1 << 20);
    expect(Object.keys(drops).length).toBeGreaterThan(8);
    // And the host lives on.
    mine.tryWrite(new Uint8Array(100));
    expect((await client.ping(server.address)).type).toBe('reply');
  });
});
