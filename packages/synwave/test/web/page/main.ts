/** What the browser test has a page do; it is bundled, and its exports are the page's `page`. */
import type { Family } from '../../../src/base/address.ts';
import { createWeb } from '../../../src/web/index.ts';
import { octets } from '../../sim/helpers.ts';
import { pair } from './pair.ts';

export { pingPong } from './pair.ts';
export { runWorld } from './world.ts';

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(hash), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** 1 MiB from one host to another in real time, and its digest back: what was sent and what the other has got. */
export async function exchange(family: Family = 4): Promise<{ sent: string; got: string }> {
  const hosts = pair();
  const listener = createWeb(hosts[1]).listen({ port: 80 });
  const serving = (async (): Promise<void> => {
    for await (const socket of listener) {
      const body = await new Response(socket.readable).arrayBuffer();
      const writer = socket.writable.getWriter();
      await writer.write(new TextEncoder().encode(await digest(new Uint8Array(body))));
      await writer.close();
      await socket.closed;
    }
  })();
  const whole = new Uint8Array(octets(1 << 20, 8));
  const socket = createWeb(hosts[0]).connect(family === 4 ? '10.0.0.2:80' : '[fd00::2]:80', { allowHalfOpen: true });
  const body = new Blob([whole]).stream().pipeTo(socket.writable);
  const got = await new Response(socket.readable).text();
  await Promise.all([body, socket.closed, listener.close(), serving]);
  return { sent: await digest(whole), got };
}
