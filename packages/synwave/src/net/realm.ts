/** Realm: what the sockets and servers of one `net` share: the host that they live on, the platform, the defaults. */
import type { Host } from '../socket/host.ts';
import type { Lookup } from './lookup.ts';
import type { Platform } from './platform.ts';
import type { Turns } from './turns.ts';
import type { Validator } from './validate.ts';

export interface Realm {
  readonly host: Host;
  readonly platform: Platform;
  readonly check: Validator;
  readonly turns: Turns;
  readonly lookup: Lookup;
  /** Whether `connect` tries both families, and after how many milliseconds the next address has its turn. */
  readonly autoSelect: { family: boolean; timeout: number };
}

/** Tells those who look on through the platform's diagnostics, under Node's name and under ours. */
export function publish(platform: Platform, channel: string, message: object): void {
  tell(platform, channel, message);
  const colon = channel.lastIndexOf(':net.');
  const name = channel.slice(colon < 0 ? 0 : colon + 1);
  tell(platform, `${channel.slice(0, channel.length - name.length)}synwave.${name}`, message);
}

function tell(platform: Platform, name: string, message: object): void {
  const channel = platform.channel(name);
  if (channel.hasSubscribers) channel.publish(message);
}
