/** Findings: what the segments of a connection show that is out of the ordinary, in words of both languages. */
import type { Words } from 'synwave/sim';
import type { StepText } from '../worker/protocol.ts';

/** What was seen at a segment. Times in microseconds, numbers counted from the side's first one. */
export type Finding =
  | { readonly kind: 'begins-late' }
  | { readonly kind: 'syn-again'; readonly answers: boolean; readonly times: number; readonly after: number }
  | { readonly kind: 'no-answer'; readonly times: number }
  | { readonly kind: 'never-established' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reset'; readonly by: string; readonly unread: boolean }
  | {
      readonly kind: 'again';
      readonly why: 'timeout' | 'fast' | 'needless';
      readonly after: number;
      readonly from: number;
    }
  | { readonly kind: 'filled'; readonly from: number }
  | { readonly kind: 'late'; readonly from: number }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  | { readonly kind: 'not-captured'; readonly to: number }
  | { readonly kind: 'hole'; readonly by: 'sack' | 'duplicates'; readonly from: number; readonly to: number | null }
  | { readonly kind: 'twice' }
  | { readonly kind: 'zero-window'; readonly host: string }
  | { readonly kind: 'window-opens'; readonly host: string; readonly after: number }
  | { readonly kind: 'window-probe' }
  | { readonly kind: 'keep-alive'; readonly after: number }
  | { readonly kind: 'half-closed'; readonly by: string }
  | { readonly kind: 'still-open' };

export type FindingKind = Finding['kind'];

/** A few characters beside the arrow. `again` and `late` are the ladder's own marks. */
export const marks: Readonly<Partial<Record<FindingKind, Words>>> = {
  refused: { zh: '拒绝', en: 'refused' },
  reset: { zh: '复位', en: 'reset' },
  'no-answer': { zh: '无应答', en: 'no answer' },
  filled: { zh: '补发', en: 'fills a hole' },
  gap: { zh: '前有缺口', en: 'gap before' },
  'not-captured': { zh: '未抓到', en: 'not captured' },
  hole: { zh: '报缺口', en: 'reports a hole' },
  twice: { zh: '收到两次', en: 'came twice' },
  'zero-window': { zh: '零窗口', en: 'zero window' },
  'window-opens': { zh: '窗口打开', en: 'window opens' },
  'window-probe': { zh: '窗口探测', en: 'window probe' },
  'keep-alive': { zh: '保活', en: 'keep-alive' },
};

/** How each kind is called in a summary. */
const called: Readonly<Record<FindingKind, Words>> = {
  'begins-late': { zh: '抓包开始得晚', en: 'begins in the middle' },
  'syn-again': { zh: 'SYN 重传', en: 'SYN sent again' },
  'no-answer': { zh: 'SYN 无应答', en: 'no answer to the SYN' },
  'never-established': { zh: '第三次握手没有到', en: 'never established' },
  refused: { zh: '连接被拒绝', en: 'refused' },
  reset: { zh: '被 RST 复位', en: 'reset' },
  again: { zh: '重传', en: 'retransmission' },
  filled: { zh: '补上缺口', en: 'hole filled' },
  late: { zh: '乱序', en: 'out of order' },
  gap: { zh: '缺口', en: 'gap' },
  'not-captured': { zh: '未抓到的报文段', en: 'not captured' },
  hole: { zh: '对方报告缺口', en: 'hole reported' },
  twice: { zh: '同一数据收到两次', en: 'arrived twice' },
  'zero-window': { zh: '零窗口', en: 'zero window' },
  'window-opens': { zh: '窗口重新打开', en: 'window opened again' },
  'window-probe': { zh: '零窗口探测', en: 'window probe' },
  'keep-alive': { zh: '保活探测', en: 'keep-alive' },
  'half-closed': { zh: '只关了一半', en: 'half-closed' },
  'still-open': { zh: '抓包结束时未关闭', en: 'not closed when the capture ends' },
};

/** `重传 3 次，零窗口 1 次`; empty lists say that nothing was found. */
export function countText(findings: readonly Finding[]): Words {
  const counts = new Map<FindingKind, number>();
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 0) return { zh: '没有发现异常。', en: 'Nothing out of the ordinary.' };
  const list = [...counts].toSorted((a, b) => b[1] - a[1]);
  return {
    zh: `发现：${list.map(([kind, count]) => `${called[kind].zh}${count > 1 ? ` ${count} 次` : ''}`).join('，')}。`,
    en: `Found: ${list.map(([kind, count]) => `${called[kind].en}${count > 1 ? ` (${count})` : ''}`).join(', ')}.`,
  };
}

function ms(micros: number): string {
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  return micros < 1_000_000
    ? `${Number((micros / 1_000).toFixed(1))} ms`
    : `${Number((micros / 1_000_000).toFixed(2))} s`;
}

/** What happens, why, and what to notice. */
export function wordsOf(finding: Finding): StepText {
  switch (finding.kind) {
    case 'begins-late':
      return say(
        finding,
        [
          '抓包里没有这条连接的 SYN：抓包开始时它已经建立。',
          'The capture holds no SYN of this connection: it stood already when the capture began.',
        ],
        [
          '相对序号从看到的第一个报文段数起；窗口扩大因子没看到，窗口按原值显示。',
          'Numbers count from the first segment that is here; the window scale was not seen, so windows are shown as they stand in the header.',
        ],
        null,
      );
    case 'syn-again': {
      const { answers, times, after } = finding;
      const name = answers ? 'SYN,ACK' : 'SYN';
      return say(
        finding,
        [
          `${name} 第 ${times} 次重传，距上一次 ${ms(after)}。`,
          `The ${name} goes out again (${times}), ${ms(after)} after the one before.`,
        ],
        answers
          ? [
              '没有等到第三次握手的 ACK：SYN,ACK 或它的应答丢了，或对方又发来了 SYN。',
              'No third segment came: the SYN,ACK or its answer was lost, or the SYN came once more.',
            ]
          : [
              '没有等到 SYN,ACK：SYN 或它的应答丢了，或者对方不应答。每次等待时间加倍。',
              'No SYN,ACK came: the SYN or its answer was lost, or nobody answers. The wait doubles each time.',
            ],
        '9293 §3.8.3',
      );
    }
    case 'no-answer':
      return say(
        finding,
        [
          `发了 ${finding.times} 个 SYN，直到抓包结束也没有任何应答。`,
          `${finding.times} SYN went out; nothing at all came back until the capture ends.`,
        ],
        [
          '地址上没有主机、防火墙丢弃、或全连接队列满。若只是端口没人监听，对方会回 RST。',
          'Nobody has the address, a firewall drops, or the accept queue is full. A port that nobody listens on would answer with RST.',
        ],
        '9293 §3.8.3',
      );
    case 'never-established':
      return say(
        finding,
        [
          '服务器应答了 SYN，可第三次握手的 ACK 直到抓包结束也没有来。',
          'The SYN was answered, but the third segment of the handshake never came.',
        ],
        [
          'SYN,ACK 或 ACK 丢了，或者源地址是伪造的（SYN Flood）。服务器停在 SYN-RECEIVED。',
          'The SYN,ACK or the ACK was lost, or the source address is forged (SYN flood). The server stays in SYN-RECEIVED.',
        ],
        '9293 §3.8.3',
      );
    case 'refused':
      return say(
        finding,
        [
          'SYN 得到的回答是 RST：连接被拒绝（ECONNREFUSED）。',
          'The SYN is answered by RST: the connection is refused (ECONNREFUSED).',
        ],
        [
          '主机在，但这个端口没有程序监听（或防火墙替它拒绝）。',
          'The host is there, but no program listens on that port (or a firewall refuses in its name).',
        ],
        '9293 §3.10.7.1',
      );
    case 'reset':
      return say(
        finding,
        [
          `${finding.by} 用 RST 中断了连接，双方的数据不再保证送到。`,
          `${finding.by} resets the connection; what was underway may be lost.`,
        ],
        finding.unread
          ? [
              '它此前已收到 FIN 或已关闭：多半是关闭时还有数据没读，或关闭之后又有数据到达。',
              'It had closed, or seen a FIN, before: probably data was left unread at the close, or came after it.',
            ]
          : [
              '程序中止（abort、SO_LINGER 0）、进程崩溃后收到数据，或中间设备插手。',
              'The program aborted (SO_LINGER 0), data came for a connection that is no more, or a middlebox interfered.',
            ],
        '9293 §3.5.2',
      );
    case 'again':
      return finding.why === 'needless'
        ? say(
            finding,
            [
              `序号 ${finding.from} 起的数据又发了一次，可对方早已确认过它。`,
              `Octets from ${finding.from} on are sent again although they were acknowledged already.`,
            ],
            [
              '确认还在路上时计时器先到了（RTO 偏小或往返变慢），或确认在抓包点之后丢了。',
              'The timer was faster than the ACK (the round trip has slowed down), or the ACK was lost beyond the capture point.',
            ],
            '5681 §3.2',
          )
        : say(
            finding,
            [
              `序号 ${finding.from} 起的数据重传，距上次发送 ${ms(finding.after)}。`,
              `Octets from ${finding.from} on are sent again, ${ms(finding.after)} after the last time.`,
            ],
            finding.why === 'fast'
              ? [
                  '之前有重复 ACK 或 SACK 报告缺口：这是快速重传，没有等超时。',
                  'Duplicate ACKs or SACK had reported the hole: a fast retransmit, without waiting for the timer.',
                ]
              : [
                  '没有等到确认，重传计时器（或尾部丢失探测）到时：原来那个或它的 ACK 丢了。',
                  'No acknowledgment came in time: the retransmission timer or a tail loss probe fired. The first one or its ACK was lost.',
                ],
            finding.why === 'fast' ? '5681 §3.2' : '6298 §5',
          );
    case 'filled':
      return say(
        finding,
        [`序号 ${finding.from} 起的数据补上了前面的缺口。`, `Octets from ${finding.from} on fill the hole.`],
        [
          '它的第一份在到达抓包点之前就丢了，这是发送方的重传。',
          'The first copy was lost on its way to the capture point; this is the sender’s retransmission.',
        ],
        '5681 §3.2',
      );
    case 'late':
      return say(
        finding,
        [
          `序号 ${finding.from} 起的报文段来晚了：后发的先到。`,
          `The segment at ${finding.from} is late: one that was sent after it came first.`,
        ],
        [
          '间隔比一次往返短得多，来不及重传，所以是路上乱序，不是丢失。',
          'The delay is far shorter than a round trip: it was overtaken, not lost and sent again.',
        ],
        '9293 §3.10.7.4',
      );
    case 'gap':
      return say(
        finding,
        [
          `跳过了序号 ${finding.from} 到 ${finding.to}：这段数据没有经过抓包点。`,
          `Numbers ${finding.from} to ${finding.to} are missing: they have not passed the capture point.`,
        ],
        [
          '在到达抓包点之前丢了、走了别的路，或者还在后面（乱序）。',
          'Lost before it, gone by another way, or still behind (out of order).',
        ],
        null,
      );
    case 'not-captured':
      return say(
        finding,
        [
          `确认号到了 ${finding.to}，可这之前的数据抓包里没有。`,
          `Octets up to ${finding.to} are acknowledged, but the capture does not hold all of them.`,
        ],
        [
          '接收方收到了，所以不是网络丢包，而是抓包漏了（来不及写，或走了别的路）。',
          'The receiver has them: the network lost nothing. The capture missed them (too slow, or another way).',
        ],
        null,
      );
    case 'hole':
      return say(
        finding,
        finding.by === 'sack'
          ? [
              `接收方用 SACK 报告：缺序号 ${finding.from} 到 ${finding.to ?? 0}，后面的已收到。`,
              `The receiver reports by SACK: ${finding.from} to ${finding.to ?? 0} is missing, what is behind it has come.`,
            ]
          : [
              `第 3 个重复 ACK：接收方还在等序号 ${finding.from}。`,
              `The third duplicate ACK: the receiver still waits for ${finding.from}.`,
            ],
        [
          '每来一个失序的报文段就立即回一个 ACK，发送方据此快速重传。',
          'Each segment that comes out of order is answered at once; by that the sender retransmits early.',
        ],
        finding.by === 'sack' ? '2018 §4' : '5681 §3.2',
      );
    case 'twice':
      return say(
        finding,
        ['接收方用 D-SACK 说：这段数据收到了两次。', 'The receiver says by D-SACK: these octets came twice.'],
        [
          '说明有一次重传是多余的，或网络复制了报文段。',
          'One retransmission was needless, or the network doubled a segment.',
        ],
        '2883 §4',
      );
    case 'zero-window':
      return say(
        finding,
        [
          `${finding.host} 通告窗口为 0：接收缓存满了，对方必须停下。`,
          `${finding.host} announces a window of 0: its buffer is full, the peer has to stop.`,
        ],
        ['接收的程序读得比数据来得慢。', 'The receiving program reads more slowly than data comes.'],
        '9293 §3.8.6',
      );
    case 'window-opens':
      return say(
        finding,
        [
          `${finding.host} 的窗口在 ${ms(finding.after)} 后重新打开。`,
          `${finding.host} opens its window again after ${ms(finding.after)}.`,
        ],
        ['程序读走了数据，缓存腾出了地方。', 'Its program has read, so there is room again.'],
        '9293 §3.8.6.2.2',
      );
    case 'window-probe':
      return say(
        finding,
        ['零窗口探测：只带极少数据，问窗口开了没有。', 'A zero-window probe: is there room now?'],
        [
          '窗口更新若丢了，双方会互相等待；持续计时器防止这种死锁。',
          'Were the window update lost, both would wait for ever; the persist timer prevents that.',
        ],
        '9293 §3.8.6.1',
      );
    case 'keep-alive':
      return say(
        finding,
        [
          `安静了 ${ms(finding.after)} 之后的保活探测：序号是已确认过的最后一个。`,
          `A keep-alive after ${ms(finding.after)} of silence: its number was acknowledged already.`,
        ],
        [
          '不在窗口里的序号迫使对方回一个 ACK，证明它还在。',
          'A number left of the window makes the peer answer with an ACK: it is still there.',
        ],
        '9293 §3.8.4',
      );
    case 'half-closed':
      return say(
        finding,
        [
          `只有 ${finding.by} 发了 FIN，到抓包结束另一方还没关闭。`,
          `Only ${finding.by} has sent FIN; the other side has not closed until the capture ends.`,
        ],
        [
          '半关闭：另一方还可以继续发送。若长期如此，多半是程序忘了 close（CLOSE-WAIT）。',
          'Half-closed: the other side may go on sending. Where it stays so, its program has probably forgotten to close (CLOSE-WAIT).',
        ],
        '9293 §3.6',
      );
    default:
      return say(
        finding,
        ['抓包结束时，这条连接还开着。', 'The connection is still open when the capture ends.'],
        ['之后发生了什么，抓包里没有。', 'What became of it, the capture does not tell.'],
        null,
      );
  }
}

function say(
  { kind }: Finding,
  what: readonly [string, string],
  why: readonly [string, string],
  rfc: string | null,
): StepText {
  return { on: kind, what: { zh: what[0], en: what[1] }, why: { zh: why[0], en: why[1] }, notice: null, rfc };
}
