/** sysctl: which settings of Linux and of FreeBSD are which of the stack's; docs/packet-scripts.md has the table. */
import { MILLISECOND, SECOND } from '../base/time.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { congestionOf } from './calls/options.ts';
import { Mismatch, Unsupported } from './errors.ts';
import type { Settings } from './settings.ts';

type Change = (settings: Settings, value: string) => Partial<TcpConfig>;

const millis = (name: keyof TcpConfig): Change => numeric((n) => ({ [name]: n * MILLISECOND }));
const secondsOf = (name: keyof TcpConfig): Change => numeric((n) => ({ [name]: n * SECOND }));
const plain = (name: keyof TcpConfig): Change => numeric((n) => ({ [name]: n }));
const flag = (name: keyof TcpConfig): Change => numeric((n) => ({ [name]: n !== 0 }));

function numeric(change: (n: number, settings: Settings) => Partial<TcpConfig>): Change {
  return (settings, value) => {
    const n = Number(value.split(/\s+/)[0]);
    if (value === '' || !Number.isFinite(n)) throw new Mismatch(`sysctl: ${value || 'nothing'} is no number`);
    return change(n, settings);
  };
}

/** The shift with which Linux offers buffers that may grow to that many octets. */
function linuxShift(octets: number): number {
  return Math.min(Math.max(Math.floor(Math.log2(Math.max(octets, 1))) - 15, 0), 14);
}

/** And FreeBSD. */
function bsdShift(octets: number): number {
  let shift = 0;
  while (shift < 14 && 65_535 * 2 ** shift < octets) shift++;
  return shift;
}

const congestion: Change = (_settings, value) => {
  const name = congestionOf(value);
  if (name === null)
    throw new Unsupported(`congestion control ${value} is not supported: reno (newreno) and cubic are`);
  return { congestion: name };
};

const probing: Change = numeric((n) => ({ mtuProbing: n === 0 ? 'off' : n === 1 ? 'black-hole' : 'on' }));

/** What the stack does not know: a script that turns it on asks for what cannot be had. */
const onlyOff = [
  'insecure_rst',
  'insecure_syn',
  'insecure_ack',
  'blackhole',
  'fastopen.server_enable',
  'fastopen.client_enable',
].map((name): [string, Change] => [name, off(name)]);

function off(name: string): Change {
  return numeric((n) => {
    if (n !== 0) throw new Unsupported(`sysctl: net.inet.tcp.${name} can only be 0 here`);
    return {};
  });
}

/** FIN-WAIT-2 without a user lasts as long as keepalives would, unless it is to be left early. */
const recycle: Change = numeric((_n, { sysctls }) => {
  const value = (name: string, otherwise: number): number => Number(sysctls.get(`net.inet.tcp.${name}`) ?? otherwise);
  const isFast = value('fast_finwait2_recycle', 0) !== 0;
  return { finWait2: isFast ? value('finwait2_timeout', 60_000) * MILLISECOND : 600 * SECOND };
});

/** Linux. */
const linux: Readonly<Record<string, Change>> = {
  tcp_sack: flag('sack'),
  tcp_dsack: flag('duplicateSack'),
  tcp_timestamps: flag('timestamps'),
  tcp_window_scaling: flag('windowScale'),
  tcp_ecn: numeric((n) => ({ ecn: n === 0 ? 'off' : n === 1 ? 'request' : 'accept' })),
  tcp_syn_retries: plain('synRetries'),
  tcp_synack_retries: plain('synAckRetries'),
  tcp_retries1: plain('r1'),
  tcp_retries2: plain('r2'),
  tcp_keepalive_time: secondsOf('keepAliveIdle'),
  tcp_keepalive_intvl: secondsOf('keepAliveInterval'),
  tcp_keepalive_probes: plain('keepAliveProbes'),
  tcp_fin_timeout: secondsOf('finWait2'),
  tcp_rmem: (_settings, value) => {
    const [, now, most] = value.split(/[\s,]+/).map(Number);
    if (now === undefined || most === undefined) throw new Mismatch('sysctl: tcp_rmem takes three numbers');
    return { receiveBuffer: Math.floor(now / 2), windowShift: linuxShift(most) };
  },
  tcp_wmem: (_settings, value) => {
    const [, now] = value.split(/[\s,]+/).map(Number);
    if (now === undefined) throw new Mismatch('sysctl: tcp_wmem takes three numbers');
    return { sendBuffer: now };
  },
  tcp_congestion_control: congestion,
  tcp_mtu_probing: probing,
  tcp_syncookies: numeric((n) => ({ synCookies: n === 0 ? 'off' : n === 2 ? 'always' : 'full' })),
  tcp_invalid_ratelimit: millis('challengeInterval'),
  tcp_min_snd_mss: plain('mssLeast'),
  tcp_rfc1337: flag('ignoreTimeWaitReset'),
  tcp_reordering: plain('dupThresh'),
  tcp_early_retrans: numeric((n) => ({ tailProbe: n >= 3 })),
  tcp_recovery: numeric((n) => ({ lossDetection: (n & 1) === 0 ? 'count' : 'rack' })),
  tcp_slow_start_after_idle: flag('restartAfterIdle'),
  tcp_rto_min_us: numeric((n) => ({ rtoMin: n, rtoVarianceMin: n })),
  tcp_rto_max_ms: millis('rtoMax'),
  ip_default_ttl: plain('hopLimit'),
};

/** FreeBSD, below net.inet.tcp. */
const bsd: Readonly<Record<string, Change>> = {
  rfc1323: numeric((n) => ({ windowScale: n === 1 || n === 2, timestamps: n === 1 || n === 3 })),
  'sack.enable': flag('sack'),
  'ecn.enable': numeric((n) => ({ ecn: n === 0 ? 'off' : n === 1 ? 'request' : 'accept' })),
  delayed_ack: numeric((n, { tcp }) =>
    n === 0 ? { delayedAck: 0 } : { delayedAck: tcp.delayedAck || 40 * MILLISECOND },
  ),
  delacktime: millis('delayedAck'),
  msl: millis('msl'),
  recvspace: plain('receiveBuffer'),
  sendspace: plain('sendBuffer'),
  // Without it RFC 3390's window holds: three segments of the usual size.
  initcwnd_segments: numeric((n) => ({ initialWindow: n > 0 ? n : 3 })),
  retries: plain('r2'),
  minmss: plain('mssLeast'),
  drop_synfin: flag('dropSynFin'),
  ack_war_cnt: plain('challengeAcks'),
  ...Object.fromEntries(onlyOff),
  'cc.algorithm': congestion,
  keepidle: millis('keepAliveIdle'),
  keepintvl: millis('keepAliveInterval'),
  keepcnt: plain('keepAliveProbes'),
  keepinit: millis('openTimeout'),
  always_keepalive: flag('keepAlive'),
  finwait2_timeout: recycle,
  fast_finwait2_recycle: recycle,
  rexmit_min: millis('rtoMin'),
  rexmit_initial: millis('rtoInitial'),
  rexmit_slop: millis('rtoSlop'),
  persmin: millis('persistMin'),
  persmax: millis('persistMax'),
  'syncache.rexmtlimit': plain('synAckRetries'),
  syncookies: numeric((n, { tcp }) => ({
    synCookies: n === 0 ? 'off' : tcp.synCookies === 'always' ? 'always' : 'full',
  })),
  syncookies_only: numeric((n) => ({ synCookies: n === 0 ? 'full' : 'always' })),
  abc_l_var: plain('slowStartLimit'),
  pmtud_blackhole_detection: numeric((n) => ({ mtuProbing: n === 0 ? 'off' : 'black-hole' })),
  tolerate_missing_ts: flag('tolerateMissingTimestamps'),
};

/** Elsewhere. */
const others: Readonly<Record<string, Change>> = {
  'net.inet.ip.ttl': plain('hopLimit'),
  'net.inet6.ip6.hlim': plain('hopLimit'),
  'kern.ipc.maxsockbuf': numeric((n) => ({ windowShift: bsdShift(n) })),
  'net.core.rmem_max': (settings) => ({ windowShift: settings.tcp.windowShift }),
  'net.core.somaxconn': backlog,
  'kern.ipc.soacceptqueue': backlog,
  'kern.ipc.somaxconn': backlog,
};

function backlog(settings: Settings, value: string): Partial<TcpConfig> {
  const n = Number(value);
  if (!(n >= 0)) throw new Mismatch(`sysctl: ${value} is no number`);
  settings.backlogMost = n;
  return {};
}

/** What may be set, and changes nothing here: the rest of the two systems' settings of their network. */
const kept =
  /^(?:net\.(?:ipv4|ipv6|core|inet|inet6|link|isr|mptcp|netfilter|bpf)|kern|vm|debug|hw|security|fs|kernel)\./;

function changeFor(name: string): Change | undefined {
  if (name.startsWith('net.ipv4.')) return linux[name.slice('net.ipv4.'.length)];
  if (name.startsWith('net.inet.tcp.')) return bsd[name.slice('net.inet.tcp.'.length)];
  return others[name];
}

/** Sets one; connections that there are keep what they have. Throws Unsupported for a name that no system would have. */
export function setSysctl(settings: Settings, name: string, value: string): void {
  const bare = value.replaceAll(/^["']|["']$/g, '');
  const change = changeFor(name);
  if (change === undefined && !kept.test(name)) throw new Unsupported(`sysctl: ${name} is not known`);
  settings.sysctls.set(name, bare);
  if (change !== undefined) settings.tcp = { ...settings.tcp, ...change(settings, bare) };
}

/** What was set, or 0. */
export function sysctlValue(settings: Settings, name: string): string {
  if (changeFor(name) === undefined && !kept.test(name)) throw new Unsupported(`sysctl: ${name} is not known`);
  return settings.sysctls.get(name) ?? '0';
}
