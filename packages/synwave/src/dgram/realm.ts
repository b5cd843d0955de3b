/** Realm: what the sockets of one `dgram` share: the host that they live on, the platform, the order of their turns. */
import type { Lookup } from '../net/lookup.ts';
import type { Platform } from '../net/platform.ts';
import type { Turns } from '../net/turns.ts';
import type { Validator } from '../net/validate.ts';
import type { Host } from '../socket/host.ts';

export interface Realm {
  readonly host: Host;
  readonly platform: Platform;
  readonly check: Validator;
  readonly turns: Turns;
  readonly lookup: Lookup;
}
