/** TCP_INFO: what a script may ask of a connection, by the names and in the units of the system that is played. */
import { MILLISECOND, NEVER } from '../base/time.ts';
import { State } from '../tcp/state.ts';
import type { TcpEnd } from './calls/descriptors.ts';
import type { Kernel } from './calls/kernel.ts';

/** Linux numbers the states in an order of its own. */
const linuxStates: Readonly<Record<State, number>> = {
  [State.Closed]: 7,
  [State.Listen]: 10,
  [State.SynSent]: 2,
  [State.SynReceived]: 3,
  [State.Established]: 1,
  [State.FinWait1]: 4,
  [State.FinWait2]: 5,
  [State.CloseWait]: 8,
  [State.Closing]: 11,
  [State.LastAck]: 9,
  [State.TimeWait]: 6,
};

/** And so does FreeBSD. */
const bsdStates: Readonly<Record<State, number>> = {
  [State.Closed]: 0,
  [State.Listen]: 1,
  [State.SynSent]: 2,
  [State.SynReceived]: 3,
  [State.Established]: 4,
  [State.CloseWait]: 5,
  [State.FinWait1]: 6,
  [State.Closing]: 7,
  [State.LastAck]: 8,
  [State.FinWait2]: 9,
  [State.TimeWait]: 10,
};

/** TCP_INFINITE_SSTHRESH, and TCP_MAXWIN << TCP_MAX_WINSHIFT. */
const LINUX_INFINITE = 0x7fff_ffff;
const BSD_INFINITE = 0x3fff_c000;
const OPTION = { timestamps: 1, sack: 2, windowScale: 4, ecn: 8, ecnSeen: 16 } as const;
const CA = { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 } as const;
const DUP_THRESH = 3;

/** All values, by name. */
export function tcpInfo(kernel: Kernel, socket: TcpEnd): Readonly<Record<string, number>> {
  const { isBsd } = kernel;
  const state = kernel.stateOf(socket);
  const tcpi_state = (isBsd ? bsdStates : linuxStates)[state];
  if (socket.id < 0 || socket.phase === 'listening') return { tcpi_state };
  const { stack, hostTime } = kernel.subject;
  const info = stack.info(socket.id, hostTime);
  const { snd, rcv, rtt, congestion, options, counters, segments, since } = info;
  const mss = Math.max(snd.mss, 1);
  const segmentsOf = (octets: number): number => (isBsd ? Math.round(octets) : Math.floor(octets / mss));
  const isInfinite = congestion.ssthresh === Number.POSITIVE_INFINITY;
  const { phase } = congestion;
  return {
    tcpi_state,
    tcpi_ca_state:
      phase === 'timeout'
        ? CA.loss
        : phase === 'fast recovery'
          ? CA.recovery
          : segments.sacked > 0
            ? CA.disorder
            : CA.open,
    tcpi_retransmits: info.attempts,
    tcpi_probes: info.probes,
    tcpi_backoff: Math.max(info.attempts, info.probes),
    tcpi_options:
      (options.timestamps ? OPTION.timestamps : 0) |
      (options.sack ? OPTION.sack : 0) |
      (options.windowScale ? OPTION.windowScale : 0) |
      (options.ecn ? OPTION.ecn : 0) |
      (counters.marksIn > 0 ? OPTION.ecnSeen : 0),
    tcpi_snd_wscale: snd.scale,
    tcpi_rcv_wscale: rcv.scale,
    tcpi_rto: info.rto,
    tcpi_ato: isBsd ? 0 : 40 * MILLISECOND,
    tcpi_snd_mss: snd.mss,
    tcpi_rcv_mss: rcv.mss,
    tcpi_unacked: segments.flight,
    tcpi_sacked: segments.sacked,
    tcpi_lost: segments.lost,
    tcpi_retrans: segments.again,
    tcpi_fackets: 0,
    tcpi_last_data_sent: Math.floor(since.sent / MILLISECOND),
    tcpi_last_data_recv: Math.floor(since.heard / MILLISECOND),
    tcpi_last_ack_recv: Math.floor(since.heard / MILLISECOND),
    tcpi_pmtu: info.path.mss + (kernel.remote.family === 4 ? 40 : 60),
    tcpi_rcv_ssthresh: rcv.wnd,
    tcpi_rtt: Math.round(rtt.srtt),
    tcpi_rttvar: Math.round(rtt.rttvar),
    tcpi_snd_ssthresh: isInfinite ? (isBsd ? BSD_INFINITE : LINUX_INFINITE) : segmentsOf(congestion.ssthresh),
    tcpi_snd_cwnd: segmentsOf(congestion.cwnd),
    tcpi_advmss: rcv.mss,
    tcpi_reordering: DUP_THRESH,
    tcpi_rcv_rtt: 0,
    tcpi_rcv_space: rcv.wnd,
    tcpi_total_retrans: counters.retransmits,
    tcpi_bytes_acked: Math.max(0, counters.octetsOut - snd.flight),
    tcpi_bytes_received: counters.octetsIn,
    tcpi_segs_out: counters.segmentsOut,
    tcpi_segs_in: counters.segmentsIn,
    tcpi_notsent_bytes: snd.unsent,
    tcpi_min_rtt: rtt.min === NEVER ? 0 : Math.round(rtt.min),
    tcpi_bytes_sent: counters.octetsOut + counters.octetsAgain,
    tcpi_bytes_retrans: counters.octetsAgain,
    tcpi_dsack_dups: 0,
    tcpi_rcv_ooopack: counters.outOfOrderIn,
    tcpi_snd_wnd: snd.wnd,
    tcpi_snd_nxt: snd.nxt,
    tcpi_rcv_nxt: rcv.nxt,
    tcpi_snd_una: snd.una,
    tcpi_snd_rexmitpack: counters.retransmits,
    tcpi_snd_zerowin: counters.zeroWindowProbes,
    tcpi_rexmit_tlp: counters.lossProbes,
    tcpi_delivered_ce: counters.marksOut,
  };
}
