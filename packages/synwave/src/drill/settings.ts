/** The settings of a run: what the script's options say, and what its commands have changed in the host since. */
import { parseAddress } from '../base/address-text.ts';
import type { Micros } from '../base/time.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { ScriptError } from './errors.ts';
import { type ProfileName, profileOf } from './profile.ts';
import type { Script, ScriptOption } from './script.ts';

/** `mapped`: sockets are IPv6, packets IPv4 (RFC 4291 §2.5.5.2). */
type IpVersion = 4 | 6 | 'mapped';

export interface Settings {
  readonly profile: ProfileName;
  ipVersion: IpVersion;
  mtu: number;
  /** Null: the family's default. */
  localIp: string | null;
  remoteIp: string | null;
  bindPort: number;
  connectPort: number;
  /** How far an event may lie from its time: the larger of a time, and a share of the time since the event before. */
  tolerance: Micros;
  tolerancePercent: number;
  strictSegments: boolean;
  /** A tick of the host's timestamp clock; 0: TSval is not compared. */
  tsTick: Micros;
  /** What commands of the script change. */
  tcp: TcpConfig;
  /** Backlogs are cut to that (somaxconn). */
  backlogMost: number;
  /** What was set by name, to be told again. */
  readonly sysctls: Map<string, string>;
}

const TOLERANCE: Micros = 4_000;
const TOLERANCE_PERCENT = 12.5;
const PORT = 8080;

/** Options that mean something only where a real network, or a real kernel, is at the other end. */
const ignored: ReadonlySet<string> = new Set([
  'gateway_ip',
  'netmask_ip',
  'speed',
  'verbose',
  'v',
  'non_fatal',
  'init_scripts',
  'send_omit_free',
  'debug',
  'dry_run',
  'tun_device',
  'persistent_tun_dev',
  'use_expect',
  'no_cleanup',
  'code_command',
  'code_format',
  'code_sockopt',
  'remote_fanout',
  'ip_flowlabel',
]);

const refused: readonly (readonly [RegExp, string])[] = [
  [/^wire_/, 'a test over a wire, with a client and a server, is not supported: the script itself is the other end'],
  [/^so_(filename|flags)$/, 'a shared object instead of the stack is not supported'],
  [/^udp_encaps$/, 'TCP inside of UDP is not supported'],
];

export function settingsOf(script: Script, profile: ProfileName): Settings {
  const settings: Settings = {
    profile,
    ipVersion: 4,
    mtu: 1500,
    localIp: null,
    remoteIp: null,
    bindPort: PORT,
    connectPort: PORT,
    tolerance: TOLERANCE,
    tolerancePercent: TOLERANCE_PERCENT,
    strictSegments: false,
    tsTick: 0,
    sysctls: new Map(),
    ...profileOf(profile),
  };
  for (const option of script.options) apply(script.name, settings, option);
  checkFamilies(script, settings);
  return settings;
}

type Apply = (settings: Settings, value: string) => boolean;

const options: Readonly<Record<string, Apply>> = {
  ip_version: (settings, value) => {
    const version = ({ ipv4: 4, ipv6: 6, ipv4_mapped_ipv6: 'mapped' } as const)[value];
    if (version !== undefined) settings.ipVersion = version;
    return version !== undefined;
  },
  mtu: number(68, 65_535, (settings, n) => {
    settings.mtu = n;
  }),
  local_ip: (settings, value) => {
    settings.localIp = value;
    return parseAddress(value) !== null;
  },
  remote_ip: (settings, value) => {
    const address = value.split('/')[0] as string;
    settings.remoteIp = address;
    return parseAddress(address) !== null;
  },
  bind_port: number(1, 65_535, (settings, n) => {
    settings.bindPort = n;
  }),
  connect_port: number(1, 65_535, (settings, n) => {
    settings.connectPort = n;
  }),
  tolerance_usecs: number(0, 1e9, (settings, n) => {
    settings.tolerance = n;
  }),
  tolerance_percent: number(0, 1e6, (settings, n) => {
    settings.tolerancePercent = n;
  }),
  tcp_ts_tick_usecs: number(0, 1e9, (settings, n) => {
    settings.tsTick = n;
  }),
};

function number(least: number, most: number, set: (settings: Settings, n: number) => void): Apply {
  return (settings, value) => {
    const n = Number(value);
    if (value === '' || !(n >= least && n <= most)) return false;
    set(settings, n);
    return true;
  };
}

function apply(file: string, settings: Settings, { name, value, place }: ScriptOption): void {
  for (const [pattern, reason] of refused) {
    if (pattern.test(name)) throw new ScriptError(file, place, `--${name}: ${reason}`);
  }
  if (name === 'strict_segments') {
    settings.strictSegments = value === null || value === '1' || value === 'true';
    return;
  }
  if (ignored.has(name)) return;
  const set = options[name];
  if (set === undefined) throw new ScriptError(file, place, `no option is called --${name}`);
  if (value === null || !set(settings, value)) {
    throw new ScriptError(file, place, `--${name}: ${value ?? 'nothing'} is no value for it`);
  }
}

/** Both addresses are of the family that packets have. */
function checkFamilies(script: Script, { ipVersion, localIp, remoteIp }: Settings): void {
  const family = ipVersion === 6 ? 6 : 4;
  for (const [name, text] of [
    ['local_ip', localIp],
    ['remote_ip', remoteIp],
  ] as const) {
    if (text === null || parseAddress(text)?.family === family) continue;
    const place = script.options.find((option) => option.name === name)?.place ?? { line: 1, column: 1 };
    throw new ScriptError(script.name, place, `--${name}: ${text} is not of the family that --ip_version names`);
  }
}
