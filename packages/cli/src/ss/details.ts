/** What ss tells of a socket beside its addresses: the timer (`-o`), the process (`-p`), and what TCP knows (`-i`, `-m`). */
import type { TcpInfo } from 'synwave';
import type { Row } from './row.ts';

const MS = 1000;

/** `timer:(keepalive,6.8sec,0)`: the name, the time that is left, and how often in vain; '' when no timer runs. */
export function timerText({ socket: { info } }: Row): string {
  if (info === null) return '';
  const { timers, attempts, probes } = info;
  const { timeWait, finWait2, persist, keepAlive } = timers;
  const again = soonest(timers.retransmit, timers.lossProbe, timers.reorder);
  if (again !== undefined) return timer('on', again, attempts);
  if (persist !== undefined) return timer('persist', persist, probes);
  const last = timeWait ?? finWait2;
  if (last !== undefined) return timer('timewait', last, 0);
  return keepAlive === undefined ? '' : timer('keepalive', keepAlive, probes);
}

function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const set = times.filter((time) => time !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

function timer(name: string, left: number, times: number): string {
  return `timer:(${name},${spanText(left / MS)},${times})`;
}

/** `204ms`, `6.8sec`, `53sec`, `1min14sec`, `119min`. */
export function spanText(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1000) return `${whole}ms`;
  const seconds = Math.floor(whole / 1000);
  if (seconds < 10) return `${Math.floor(whole / 100) / 10}sec`;
  if (seconds < 60) return `${seconds}sec`;
  const minutes = Math.floor(seconds / 60);
  return minutes >= 10 || seconds % 60 === 0 ? `${minutes}min` : `${minutes}min${seconds % 60}sec`;
}

/** `users:(("synwave serve",pid=4711))`. */
export function usersText({ command, pid, socket: { held } }: Row): string {
  return held ? `users:(("${command}",pid=${pid}))` : '';
}

export function memoryText({ socket: { info } }: Row): string {
  if (info === null) return '';
  const { rcv, snd } = info;
  return `skmem:(r${rcv.readable + rcv.ahead},rb${rcv.buffer},t${snd.flight},tb${snd.buffer},f0,w${snd.queued},o0,bl0,d${info.counters.dropped})`;
}

/** The line of `-i`, word for word in ss's order, as far as the stack knows. */
export function infoText({ socket: { info, congestion } }: Row): string {
  if (info === null) return congestion;
  if (info.state === 'TIME-WAIT') return '';
  const { options, snd, rcv, rtt, counters, segments, since, path } = info;
  const cwnd = Math.max(1, Math.round(info.congestion.cwnd / snd.mss));
  // The wire has no infinity.
  const threshold = info.congestion.ssthresh as number | null;
  const words: readonly (string | false)[] = [
    options.timestamps && 'ts',
    options.sack && 'sack',
    options.ecn && 'ecn',
    congestion,
    options.windowScale && `wscale:${snd.scale},${rcv.scale}`,
    `rto:${decimals(info.rto / MS)}`,
    rtt.srtt > 0 && `rtt:${decimals(rtt.srtt / MS)}/${decimals(rtt.rttvar / MS)}`,
    `mss:${snd.mss}`,
    `advmss:${rcv.mss}`,
    `cwnd:${cwnd}`,
    threshold !== null && Number.isFinite(threshold) && `ssthresh:${Math.round(threshold / snd.mss)}`,
    ...counted(info),
    `segs_out:${counters.segmentsOut}`,
    `segs_in:${counters.segmentsIn}`,
    rtt.srtt > 0 && `send ${Math.round((info.congestion.cwnd * 8e6) / rtt.srtt)}bps`,
    `lastsnd:${Math.round(since.sent / MS)}`,
    `lastrcv:${Math.round(since.heard / MS)}`,
    segments.flight > 0 && `unacked:${segments.flight}`,
    (segments.again > 0 || counters.retransmits > 0) && `retrans:${segments.again}/${counters.retransmits}`,
    segments.lost > 0 && `lost:${segments.lost}`,
    segments.sacked > 0 && `sacked:${segments.sacked}`,
    snd.unsent > 0 && `notsent:${snd.unsent}`,
    rtt.min > 0 && `minrtt:${decimals(rtt.min / MS)}`,
    `snd_wnd:${snd.wnd}`,
    path.mss !== snd.mss && `path_mss:${path.mss}`,
  ];
  return words.filter((word) => word !== false).join(' ');
}

function counted({ counters, snd }: TcpInfo): (string | false)[] {
  const { octetsOut, octetsAgain, octetsIn } = counters;
  const acked = octetsOut - snd.flight;
  return [
    octetsOut > 0 && `bytes_sent:${octetsOut + octetsAgain}`,
    octetsAgain > 0 && `bytes_retrans:${octetsAgain}`,
    acked > 0 && `bytes_acked:${acked}`,
    octetsIn > 0 && `bytes_received:${octetsIn}`,
  ];
}

/** At most three digits behind the point. */
function decimals(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
