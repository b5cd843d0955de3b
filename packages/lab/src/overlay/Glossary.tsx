/** Glossary: the same thing under its several names, and things that are easily taken for each other. */
import type { JSX } from 'preact';
import { language } from '../state/settings.ts';
import { text } from '../text/texts.ts';

interface Entry {
  readonly term: string;
  readonly zh: string;
  readonly en: string;
}

const entries: readonly Entry[] = [
  {
    term: 'SYN-SENT = SYN_SENT = SYN_SEND',
    zh: '同一个状态：SYN 已发出，等对方的 SYN。RFC 写 SYN-SENT，有的教材写 SYN_SEND。',
    en: 'One state: the SYN is sent, the peer’s is awaited. The RFC writes SYN-SENT.',
  },
  {
    term: 'SYN-RECEIVED = SYN_RCVD = SYN_RECV = SYN-RECV',
    zh: '同一个状态：两个 SYN 都有了，自己的还没被确认。Linux 的 ss 显示 SYN-RECV。',
    en: 'One state: both SYNs are there, ours is not acknowledged yet. Linux’s ss shows SYN-RECV.',
  },
  { term: 'ESTABLISHED = ESTAB', zh: '连接已建立。ss 显示 ESTAB。', en: 'The connection stands. ss shows ESTAB.' },
  {
    term: '半连接 · half-open (SYN queue)',
    zh: '服务器收到 SYN、还没等到第三次握手的连接，排在半连接队列里。',
    en: 'A connection in SYN-RECEIVED: it waits in the SYN queue for the third segment.',
  },
  {
    term: '半开 · half-open (RFC 9293 §3.5.1)',
    zh: '一端断电重启，忘了连接，另一端还以为连着。',
    en: 'One end has crashed and forgotten the connection; the other end still believes in it.',
  },
  {
    term: '半关闭 · half-closed (RFC 9293 §3.6)',
    zh: '一个方向发过 FIN，另一个方向还能继续发数据：FIN-WAIT-2 和 CLOSE-WAIT。不是半连接。',
    en: 'One direction has ended by a FIN, the other may still carry data: FIN-WAIT-2 and CLOSE-WAIT.',
  },
  {
    term: '网际层 = 网络层 · internet layer',
    zh: 'IP 所在的层。TCP/IP 四层模型叫网际层，OSI 七层模型叫网络层（第三层）。',
    en: 'Where IP lives: the internet layer of TCP/IP, the network layer (3) of OSI.',
  },
  {
    term: '网络接口层 = 链路层 · link layer',
    zh: 'TCP/IP 的网络接口层对应 OSI 的数据链路层和物理层。',
    en: 'The lowest layer of TCP/IP covers OSI’s data link and physical layers.',
  },
  {
    term: 'TCB · 传输控制块',
    zh: '协议栈为每个连接保存的变量：状态、SND.UNA、SND.NXT、RCV.NXT、窗口、计时器……建立时创建，关闭后撤销。',
    en: 'Transmission control block: the variables that the stack keeps for a connection. Made at the beginning, deleted at the end.',
  },
  {
    term: 'SND.UNA · SND.NXT · RCV.NXT',
    zh: '最早未被确认的序号；下一个要发的序号；期待收到的下一个序号。',
    en: 'The oldest number that is not acknowledged; the next to be sent; the next that is expected.',
  },
  {
    term: 'seq · ack',
    zh: 'seq 是本报文段第一个字节的序号；ack 是期待对方下一个字节的序号（不是“数据加一”）。SYN 和 FIN 各占一个序号。',
    en: 'seq numbers the segment’s first octet; ack is the next octet expected, not “data plus one”. SYN and FIN take one number each.',
  },
  {
    term: 'ISN · 初始序号',
    zh: '每个连接随机选取（RFC 6528），图里写作 x、y 或 J、K。',
    en: 'The initial sequence number, hard to guess (RFC 6528): x and y, or J and K.',
  },
  {
    term: 'SYN J · SYN K, ACK J+1 · ACK K+1',
    zh: '另一种教材写法：J 就是 x，K 就是 y。按 T 可以换成这种标号。',
    en: 'The other textbook notation: J is x, and K is y. T switches the labels to it.',
  },
  {
    term: 'u · v · w',
    zh: '教材四次挥手的字母：u 是先关闭一方 FIN 的序号，v 是对方确认时的序号，w 是对方 FIN 的序号。',
    en: 'The letters of a textbook’s close: u numbers the first FIN, v the answer to it, w the other FIN.',
  },
  {
    term: 'MSL · 2MSL',
    zh: '报文段最大生存时间。RFC 取 2 分钟只是一种选择；Linux 的 TIME-WAIT 是 60 秒。',
    en: 'Maximum segment lifetime. Two minutes are a choice; Linux keeps TIME-WAIT for 60 s.',
  },
  {
    term: 'RTO · RTT',
    zh: '重传超时时间，由往返时间的估计算出（RFC 6298）。',
    en: 'Retransmission timeout, reckoned from the round-trip time (RFC 6298).',
  },
  {
    term: '运输层 = 传输层 · transport layer',
    zh: 'TCP 和 UDP 所在的层；“首部”“报头”“头部”也是同一个词（header）。',
    en: 'Where TCP and UDP live.',
  },
  {
    term: 'CLOSING · simultaneous close',
    zh: '两端的 FIN 在路上交叉时才会经过的状态，与 ACK 是否丢失无关。',
    en: 'Entered when both FINs cross on their way; it has nothing to do with a lost ACK.',
  },
  {
    term: '粘包 · a stream of bytes',
    zh: 'TCP 传送的是字节流，没有“包”的边界：几次写可能一次读完，一次写也可能分几次读。消息边界要由应用自己规定。',
    en: 'TCP keeps no boundaries of messages: several writes may be one read, and one write several. Boundaries are the application’s.',
  },
  { term: 'cwnd · ssthresh', zh: '拥塞窗口；慢启动（慢开始）门限。', en: 'Congestion window; slow-start threshold.' },
  {
    term: '报文段 · segment；分组 / 数据报 · packet',
    zh: 'TCP 的单位是报文段，它装在 IP 数据报里；时序图里一根箭头就是一个。',
    en: 'TCP sends segments, each in an IP packet: one arrow of the ladder.',
  },
];

export function Glossary(): JSX.Element {
  const isChinese = language.value === 'zh';
  return (
    <>
      <h2>{text.value.glossary}</h2>
      <dl class="glossary">
        {entries.map(({ term, zh, en }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{isChinese ? zh : en}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
