/** `node scripts/conformance.mjs [--check]`: writes the packet scripts that are tables, or tells whether they are as they should be. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../packages/synwave/conformance/', import.meta.url));

/**
 * A connection of a script, by the port of its other end.
 * @param {number} port
 */
function connection(port) {
  return {
    /** @param {string} segment */
    in: (segment) => `   +0 < ${port} > 8080 ${segment}`,
    /** @param {string} segment */
    out: (segment) => `   +0 > 8080 > ${port} ${segment}`,
  };
}

/** @typedef {ReturnType<typeof connection>} Connection */

/** @param {string[]} about */
const head = (...about) => [
  ...about.map((line) => `// ${line}`),
  '// Written by scripts/conformance.mjs.',
  '    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
  '   +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
  '   +0 bind(3, ..., ...) = 0',
];

const LISTEN = '   +0 listen(3, 100) = 0';

// Any combination of SYN, FIN, RST and ACK, in every state (RFC 9293 §3.10.7).

/** @typedef {{ syn: boolean, fin: boolean, rst: boolean, ack: boolean, text: string }} Flags */

/** @type {Flags[]} */
const combinations = Array.from({ length: 16 }, (_none, bits) => {
  const has = (/** @type {number} */ bit) => (bits & bit) !== 0;
  const [syn, fin, rst, ack] = [has(1), has(2), has(4), has(8)];
  const text = `${syn ? 'S' : ''}${fin ? 'F' : ''}${rst ? 'R' : ''}${ack ? '.' : ''}` || '-';
  return { syn, fin, rst, ack, text };
});

/**
 * A segment without text.
 * @param {Flags} flags
 * @param {number} seq
 * @param {number} ack
 */
const bare = ({ text, ack: hasAck }, seq, ack) => `${text} ${seq}:${seq}(0)${hasAck ? ` ack ${ack}` : ''} win 8000`;

/** An ACK that no connection knows: the RST with its number says that there is none, and that nothing was sent before. */
const STRANGE = 4242;

/**
 * @param {Connection} c
 * @param {number} seq
 */
const isGone = (c, seq) => [c.in(`. ${seq}:${seq}(0) ack ${STRANGE} win 8000`), c.out(`R ${STRANGE}:${STRANGE}(0)`)];

/**
 * A segment left of the window is answered by where the connection stands: SND.NXT and RCV.NXT, and nothing before it.
 * @param {Connection} c
 * @param {number} rcvNxt
 * @param {number} sndNxt
 */
const standsAt = (c, rcvNxt, sndNxt) => [
  c.in(`. ${rcvNxt - 1}:${rcvNxt - 1}(0) ack ${sndNxt} win 8000`),
  c.out(`. ${sndNxt}:${sndNxt}(0) ack ${rcvNxt}`),
];

/** §3.10.7.1. */
function closed() {
  const lines = head(
    'Any combination of SYN, FIN, RST and ACK in CLOSED (RFC 9293 §3.10.7.1): a RST is passed over, anything else answered by one,',
    'which has the number that was acknowledged, or acknowledges what came.',
  );
  for (const [i, flags] of combinations.entries()) {
    const c = connection(30_000 + i);
    lines.push('', c.in(bare(flags, 5, 9)));
    if (!flags.rst && flags.ack) lines.push(c.out('R 9:9(0)'));
    if (!flags.rst && !flags.ack) lines.push(c.out(`R. 0:0(0) ack ${5 + Number(flags.syn) + Number(flags.fin)}`));
    lines.push(...isGone(c, 5));
  }
  return lines;
}

/** §3.10.7.2. */
function listen() {
  const lines = [
    ...head(
      'Any combination of SYN, FIN, RST and ACK in LISTEN (RFC 9293 §3.10.7.2): first RST, second ACK, third SYN; what is left is',
      'dropped. A FIN beside the SYN is not taken: it comes again.',
    ),
    LISTEN,
  ];
  for (const [i, flags] of combinations.entries()) {
    const c = connection(30_000 + i);
    lines.push('', c.in(bare(flags, 0, 9)));
    if (!flags.rst && flags.ack) lines.push(c.out('R 9:9(0)'));
    if (flags.rst || flags.ack || !flags.syn) lines.push(c.in('S 0:0(0) win 8000 <mss 1000>'));
    lines.push(c.out('S. 0:0(0) ack 1 <mss 1460>'), c.in('. 1:1(0) ack 1 win 8000'), ...standsAt(c, 1, 1));
  }
  return lines;
}

/** §3.10.7.3. */
function synSent() {
  const lines = [
    '// Any combination of SYN, FIN, RST and ACK in SYN-SENT, the ACK being one of the SYN (RFC 9293 §3.10.7.3: MUST-10, MUST-12): only',
    '// a RST that acknowledges ends it; a SYN leads on, with an ACK to ESTABLISHED and without one to SYN-RECEIVED.',
    '// Written by scripts/conformance.mjs.',
  ];
  for (const [i, flags] of combinations.entries()) {
    const fd = 3 + i;
    lines.push(
      `${i === 0 ? '    0' : '\n   +0'} socket(..., SOCK_STREAM, IPPROTO_TCP) = ${fd}`,
      `   +0 fcntl(${fd}, F_SETFL, O_RDWR|O_NONBLOCK) = 0`,
      `   +0 connect(${fd}, ..., ...) = -1 EINPROGRESS (Operation now in progress)`,
      '   +0 > S 0:0(0) <...>',
      `   +0 < ${bare(flags, 0, 1)}`,
    );
    if (flags.rst && flags.ack) {
      lines.push(
        '   +0 %{ assert tcpi_state == TCP_CLOSE, tcpi_state }%',
        `   +0 getsockopt(${fd}, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0`,
        `   +0 < . 0:0(0) ack ${STRANGE} win 8000`,
        `   +0 > R ${STRANGE}:${STRANGE}(0)`,
      );
    } else if (flags.syn && !flags.rst) {
      const state = flags.ack ? (flags.fin ? 'CLOSE_WAIT' : 'ESTABLISHED') : 'SYN_RECV';
      const next = flags.ack && flags.fin ? 2 : 1;
      lines.push(
        flags.ack ? `   +0 > . 1:1(0) ack ${next}` : '   +0 > S. 0:0(0) ack 1 <mss 1460>',
        `   +0 %{ assert tcpi_state == TCP_${state}, tcpi_state }%`,
        flags.ack ? '   +0 < . 0:0(0) ack 1 win 8000' : '   +0 < . 0:0(0) ack 1 win 8000',
        `   +0 > . 1:1(0) ack ${next}`,
      );
    } else {
      lines.push(
        '   +0 %{ assert tcpi_state == TCP_SYN_SENT, tcpi_state }%',
        `   +0 < . 0:0(0) ack ${STRANGE} win 8000`,
        `   +0 > R ${STRANGE}:${STRANGE}(0)`,
        '   +0 < R. 0:0(0) ack 1 win 0',
        '   +0 %{ assert tcpi_state == TCP_CLOSE, tcpi_state }%',
      );
    }
  }
  return lines;
}

/**
 * The handshake as far as SYN-RECEIVED.
 * @param {Connection} c
 */
const synAndAnswer = (c) => [c.in('S 0:0(0) win 8000 <mss 1000>'), c.out('S. 0:0(0) ack 1 <mss 1460>')];

/** §3.10.7.4, SYN-RECEIVED after a passive OPEN. */
function synReceived() {
  const lines = [
    ...head(
      'Any combination of SYN, FIN, RST and ACK, at RCV.NXT, in a SYN-RECEIVED that came from LISTEN (RFC 9293 §3.10.7.4: MUST-11): RST',
      'and SYN lead back there; without an ACK nothing happens, with one the connection is established.',
    ),
    LISTEN,
  ];
  for (const [i, flags] of combinations.entries()) {
    const port = 30_000 + i;
    const c = connection(port);
    // A SYN that comes again is answered again, with the same number.
    lines.push('', ...synAndAnswer(c), ...synAndAnswer(c), c.in(bare(flags, 1, 1)));
    if (flags.rst || flags.syn) lines.push(`   +0 \`! ss -tan | grep -q :${port}\``, ...isGone(c, 1));
    else if (!flags.ack) lines.push(`   +0 \`ss -tan | grep :${port} | grep -q SYN-RECV\``, ...isGone(c, 1));
    else {
      if (flags.fin) lines.push(c.out('. 1:1(0) ack 2'));
      lines.push(`   +0 \`ss -tan | grep :${port} | grep -q ${flags.fin ? 'CLOSE-WAIT' : 'ESTAB'}\``);
      lines.push(...standsAt(c, flags.fin ? 2 : 1, 1));
    }
  }
  return lines;
}

/**
 * @typedef {object} Synchronized
 * @property {string} name As the RFC writes it.
 * @property {string} constant
 * @property {number} rcvNxt
 * @property {number} sndNxt
 * @property {boolean} ended The peer's FIN has come.
 * @property {(c: Connection, fd: number) => string[]} reach From ESTABLISHED.
 * @property {string} afterAck The state after an ACK of everything.
 * @property {string} afterFin The state after a FIN that acknowledges everything.
 */

/** @param {number} fd */
const shut = (fd) => `   +0 shutdown(${fd}, SHUT_WR) = 0`;

/** @type {Synchronized[]} */
const synchronized = [
  {
    name: 'ESTABLISHED',
    constant: 'TCP_ESTABLISHED',
    rcvNxt: 1,
    sndNxt: 1,
    ended: false,
    reach: () => [],
    afterAck: 'TCP_ESTABLISHED',
    afterFin: 'TCP_CLOSE_WAIT',
  },
  {
    name: 'FIN-WAIT-1',
    constant: 'TCP_FIN_WAIT1',
    rcvNxt: 1,
    sndNxt: 2,
    ended: false,
    reach: (c, fd) => [shut(fd), c.out('F. 1:1(0) ack 1')],
    afterAck: 'TCP_FIN_WAIT2',
    afterFin: 'TCP_TIME_WAIT',
  },
  {
    name: 'FIN-WAIT-2',
    constant: 'TCP_FIN_WAIT2',
    rcvNxt: 1,
    sndNxt: 2,
    ended: false,
    reach: (c, fd) => [shut(fd), c.out('F. 1:1(0) ack 1'), c.in('. 1:1(0) ack 2 win 8000')],
    afterAck: 'TCP_FIN_WAIT2',
    afterFin: 'TCP_TIME_WAIT',
  },
  {
    name: 'CLOSE-WAIT',
    constant: 'TCP_CLOSE_WAIT',
    rcvNxt: 2,
    sndNxt: 1,
    ended: true,
    reach: (c) => [c.in('F. 1:1(0) ack 1 win 8000'), c.out('. 1:1(0) ack 2')],
    afterAck: 'TCP_CLOSE_WAIT',
    afterFin: 'TCP_CLOSE_WAIT',
  },
  {
    name: 'CLOSING',
    constant: 'TCP_CLOSING',
    rcvNxt: 2,
    sndNxt: 2,
    ended: true,
    reach: (c, fd) => [shut(fd), c.out('F. 1:1(0) ack 1'), c.in('F. 1:1(0) ack 1 win 8000'), c.out('. 2:2(0) ack 2')],
    afterAck: 'TCP_TIME_WAIT',
    afterFin: 'TCP_CLOSING',
  },
  {
    name: 'LAST-ACK',
    constant: 'TCP_LAST_ACK',
    rcvNxt: 2,
    sndNxt: 2,
    ended: true,
    reach: (c, fd) => [c.in('F. 1:1(0) ack 1 win 8000'), c.out('. 1:1(0) ack 2'), shut(fd), c.out('F. 1:1(0) ack 2')],
    afterAck: 'TCP_CLOSE',
    afterFin: 'TCP_LAST_ACK',
  },
  {
    name: 'TIME-WAIT',
    constant: 'TCP_TIME_WAIT',
    rcvNxt: 2,
    sndNxt: 2,
    ended: true,
    reach: (c, fd) => [
      shut(fd),
      c.out('F. 1:1(0) ack 1'),
      c.in('. 1:1(0) ack 2 win 8000'),
      c.in('F. 1:1(0) ack 2 win 8000'),
      c.out('. 2:2(0) ack 2'),
    ],
    afterAck: 'TCP_TIME_WAIT',
    afterFin: 'TCP_TIME_WAIT',
  },
];

/** @param {Synchronized} state */
function table(state) {
  const lines = [
    ...head(
      `Any combination of SYN, FIN, RST and ACK in ${state.name} (RFC 9293 §3.10.7.4; RFC 5961 §3.2, §4.2: MAY-12): a RST at RCV.NXT`,
      'ends the connection (MUST-12), a SYN is challenged, without an ACK nothing happens.',
      ...(state.ended
        ? ["The peer's FIN has come: one without SYN and RST is that one again, and is acknowledged again."]
        : []),
      ...(state.name === 'TIME-WAIT'
        ? ['A SYN alone, with a number above all that came before, opens a new connection (MAY-2).']
        : []),
    ),
    LISTEN,
  ];
  for (const [i, flags] of combinations.entries()) lines.push('', ...row(state, flags, connection(30_000 + i), 4 + i));
  return lines;
}

/**
 * @param {Synchronized} state
 * @param {Flags} flags
 * @param {Connection} c
 * @param {number} fd
 */
function row(state, flags, c, fd) {
  const { rcvNxt, sndNxt } = state;
  const again = state.ended && flags.fin && !flags.syn && !flags.rst;
  const lines = [
    ...synAndAnswer(c),
    c.in('. 1:1(0) ack 1 win 8000'),
    `   +0 accept(3, ..., ...) = ${fd}`,
    ...state.reach(c, fd),
    `   +0 %{ assert tcpi_state == ${state.constant}, tcpi_state }%`,
    c.in(bare(flags, again ? rcvNxt - 1 : rcvNxt, sndNxt)),
  ];
  const becomes = (/** @type {string} */ constant) => `   +0 %{ assert tcpi_state == ${constant}, tcpi_state }%`;
  if (flags.rst) return [...lines, becomes('TCP_CLOSE'), ...isGone(c, rcvNxt)];
  if (flags.syn && !flags.ack && state.name === 'TIME-WAIT') {
    return [
      ...lines,
      c.out(`S. 0:0(0) ack ${rcvNxt + 1} <mss 1460>`),
      c.in(`. ${rcvNxt + 1}:${rcvNxt + 1}(0) ack 1 win 8000`),
      ...standsAt(c, rcvNxt + 1, 1),
      `   +0 accept(3, ..., ...) = ${fd + 100}`,
    ];
  }
  if (flags.syn || again) {
    return [
      ...lines,
      c.out(`. ${sndNxt}:${sndNxt}(0) ack ${rcvNxt}`),
      becomes(state.constant),
      ...standsAt(c, rcvNxt, sndNxt),
    ];
  }
  if (!flags.ack) return [...lines, becomes(state.constant), ...standsAt(c, rcvNxt, sndNxt)];
  if (!flags.fin) {
    const gone = state.afterAck === 'TCP_CLOSE';
    return [...lines, becomes(state.afterAck), ...(gone ? isGone(c, rcvNxt) : standsAt(c, rcvNxt, sndNxt))];
  }
  return [
    ...lines,
    c.out(`. ${sndNxt}:${sndNxt}(0) ack ${rcvNxt + 1}`),
    becomes(state.afterFin),
    ...standsAt(c, rcvNxt + 1, sndNxt),
  ];
}

/** Right of any window that is offered here. */
const BEYOND = 70_000;

/**
 * A connection in that state, and a segment `offset` right of RCV.NXT.
 * @param {Synchronized} state
 * @param {Flags} flags
 * @param {Connection} c
 * @param {number} fd
 * @param {number} offset
 */
const meets = (state, flags, c, fd, offset) => [
  '',
  ...synAndAnswer(c),
  c.in('. 1:1(0) ack 1 win 8000'),
  `   +0 accept(3, ..., ...) = ${fd}`,
  ...state.reach(c, fd),
  `   +0 %{ assert tcpi_state == ${state.constant}, tcpi_state }%`,
  c.in(bare(flags, state.rcvNxt + offset, state.sndNxt)),
];

/**
 * A new connection is opened from TIME-WAIT.
 * @param {Connection} c
 * @param {number} irs
 */
const reopens = (c, irs) => [
  c.out(`S. 0:0(0) ack ${irs + 1} <mss 1460>`),
  c.in(`. ${irs + 1}:${irs + 1}(0) ack 1 win 8000`),
  ...standsAt(c, irs + 1, 1),
];

/**
 * @param {Synchronized} state
 * @param {Flags} flags
 */
const isNew = ({ name }, flags) => name === 'TIME-WAIT' && flags.syn && !flags.ack && !flags.rst;

/** @param {Synchronized} state */
function outside(state) {
  const { rcvNxt, sndNxt } = state;
  const lines = [
    ...head(
      `Any combination of SYN, FIN, RST and ACK in ${state.name}, right of the window (RFC 9293 §3.10.7.4, first): nothing of it counts,`,
      'not even its ACK; it is answered by an ACK, unless it is a RST.',
      ...(state.name === 'TIME-WAIT' ? ['A SYN alone opens a new connection (MAY-2).'] : []),
    ),
    LISTEN,
  ];
  for (const [i, flags] of combinations.entries()) {
    const c = connection(30_000 + i);
    lines.push(...meets(state, flags, c, 4 + i, BEYOND));
    if (isNew(state, flags)) {
      lines.push(...reopens(c, rcvNxt + BEYOND), `   +0 accept(3, ..., ...) = ${104 + i}`);
      continue;
    }
    if (!flags.rst) lines.push(c.out(`. ${sndNxt}:${sndNxt}(0) ack ${rcvNxt}`));
    lines.push(`   +0 %{ assert tcpi_state == ${state.constant}, tcpi_state }%`, ...standsAt(c, rcvNxt, sndNxt));
  }
  return lines;
}

/** @param {Synchronized} state */
function ahead(state) {
  const { rcvNxt, sndNxt } = state;
  const lines = [
    ...head(
      `Any combination of SYN, FIN, RST and ACK in ${state.name}, in the window but not at RCV.NXT (RFC 9293 §3.10.7.4; RFC 5961 §3.2,`,
      '§4.2: MAY-12): RST and SYN are challenged, an ACK counts, a FIN waits for what is missing in front of it (MAY-13).',
      ...(state.name === 'TIME-WAIT' ? ['A SYN alone opens a new connection (MAY-2).'] : []),
    ),
    LISTEN,
  ];
  for (const [i, flags] of combinations.entries()) {
    const c = connection(30_000 + i);
    const counts = flags.ack && !flags.rst && !flags.syn;
    if (counts && flags.fin && state.ended) continue; // a second FIN, behind the first, is no peer's
    lines.push(...meets(state, flags, c, 4 + i, 1));
    if (isNew(state, flags)) {
      lines.push(...reopens(c, rcvNxt + 1), `   +0 accept(3, ..., ...) = ${104 + i}`);
      continue;
    }
    if (flags.rst || flags.syn || (counts && flags.fin)) lines.push(c.out(`. ${sndNxt}:${sndNxt}(0) ack ${rcvNxt}`));
    const after = counts ? state.afterAck : state.constant;
    const gone = after === 'TCP_CLOSE';
    lines.push(
      `   +0 %{ assert tcpi_state == ${after}, tcpi_state }%`,
      ...(gone ? isGone(c, rcvNxt) : standsAt(c, rcvNxt, sndNxt)),
    );
  }
  return lines;
}

// Reassembly: what is acknowledged, and what is reported by SACK.

/** @typedef {readonly [left: number, right: number]} Span */

/** The other end's idea of what the receiver has: octets from 1 on, the newest segment last. */
class Receiver {
  nxt = 1;
  /** Segments that came out of order, the newest first. @type {Span[]} */
  recent = [];

  /** What is held, in order, joined. @returns {Span[]} */
  spans() {
    /** @type {Span[]} */
    const joined = [];
    for (const [left, right] of [...this.recent].sort((a, b) => a[0] - b[0])) {
      const last = joined.at(-1);
      if (last !== undefined && left <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], right)];
      else joined.push([left, right]);
    }
    return joined;
  }

  /**
   * Takes a segment; answers the part of it that was here before, or null (RFC 2883 §4).
   * @param {Span} segment
   * @returns {Span | null}
   */
  take([left, right]) {
    const held = this.spans().find(([from, to]) => from < right && to > left);
    const twice = held === undefined ? null : /** @type {Span} */ ([Math.max(left, held[0]), Math.min(right, held[1])]);
    this.recent.unshift([left, right]);
    for (let first = this.spans()[0]; first !== undefined && first[0] <= this.nxt; first = this.spans()[0]) {
      const edge = first[1];
      this.nxt = Math.max(this.nxt, edge);
      this.recent = this.recent.filter(([, to]) => to > edge);
    }
    return twice;
  }

  /** RFC 2018 §4: the span with the newest segment leads, then the one with the next, each once. @returns {Span[]} */
  blocks() {
    const spans = this.spans();
    const order = this.recent.map(([left]) => spans.find(([from, to]) => from <= left && left < to));
    return [...new Set(order)].filter((span) => span !== undefined);
  }

  /** What is missing below `end`. @param {number} end @returns {Span[]} */
  missing(end) {
    /** @type {Span[]} */
    const holes = [];
    let at = this.nxt;
    for (const [left, right] of this.spans()) {
      if (left > at) holes.push([at, left]);
      at = right;
    }
    return at < end ? [...holes, [at, end]] : holes;
  }
}

/**
 * A segment comes, and is answered.
 * @param {Connection} c
 * @param {Receiver} receiver
 * @param {Span} segment
 */
function exchange(c, receiver, [left, right]) {
  const twice = receiver.take([left, right]);
  const blocks = [...(twice === null ? [] : [twice]), ...receiver.blocks()].map(([from, to]) => ` ${from}:${to}`);
  const sack = blocks.length === 0 ? '' : ` <nop,nop,sack${blocks.join('')}>`;
  return [c.in(`. ${left}:${right}(${right - left}) ack 1 win 8000`), c.out(`. 1:1(0) ack ${receiver.nxt}${sack}`)];
}

/**
 * The handshake, SACK permitted.
 * @param {Connection} c
 * @param {number} fd
 */
const openWithSack = (c, fd) => [
  '',
  c.in('S 0:0(0) win 8000 <mss 1000,nop,nop,sackOK>'),
  c.out('S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>'),
  c.in('. 1:1(0) ack 1 win 8000'),
  `   +0 accept(3, ..., ...) = ${fd}`,
];

/**
 * @param {number[]} items
 * @returns {number[][]}
 */
function permutations(items) {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

function everyOrder() {
  const lines = [
    ...head(
      'Four segments in each of their 24 orders (RFC 9293 §3.10.7.4, seventh: SHLD-31, MAY-13): each is answered at once, by what is there',
      'without a hole, and by SACK blocks for the rest, the newest first (RFC 2018 §4); in the end all is read.',
    ),
    LISTEN,
  ];
  for (const [i, order] of permutations([0, 1, 2, 3]).entries()) {
    const c = connection(30_000 + i);
    const receiver = new Receiver();
    lines.push(...openWithSack(c, 4 + i));
    for (const k of order) lines.push(...exchange(c, receiver, [1 + 100 * k, 101 + 100 * k]));
    lines.push(`   +0 read(${4 + i}, ..., 1000) = 400`);
  }
  return lines;
}

function everyOverlap() {
  const grid = [1, 101, 201, 301, 401, 501, 601];
  const pairs = grid.flatMap((left) =>
    grid.filter((right) => right > left).map((right) => /** @type {Span} */ ([left, right])),
  );
  const lines = [
    ...head(
      'Each way in which a segment can overlap one that is held behind a hole, 201:401 (RFC 9293 §3.10.7.4, seventh: SHLD-31): what came',
      'twice is reported in front (RFC 2883 §4), no octet is read twice, and what is missing then completes the text.',
    ),
    LISTEN,
  ];
  for (const [i, pair] of pairs.entries()) {
    const c = connection(30_000 + i);
    const receiver = new Receiver();
    lines.push(...openWithSack(c, 4 + i), ...exchange(c, receiver, [201, 401]), ...exchange(c, receiver, pair));
    for (const hole of receiver.missing(601)) lines.push(...exchange(c, receiver, hole));
    lines.push(`   +0 read(${4 + i}, ..., 1000) = 600`);
  }
  return lines;
}

/** @type {[string, string[]][]} */
const files = [
  ['states/closed', closed()],
  ['states/listen', listen()],
  ['states/syn-sent', synSent()],
  ['states/syn-received', synReceived()],
  .../** @type {[string, string[]][]} */ (
    synchronized.flatMap((state) => [
      [`states/${state.name.toLowerCase()}`, table(state)],
      [`states/${state.name.toLowerCase()}-ahead`, ahead(state)],
      [`states/${state.name.toLowerCase()}-outside`, outside(state)],
    ])
  ),
  ['reassembly/every-order', everyOrder()],
  ['reassembly/every-overlap', everyOverlap()],
];

let stale = 0;
for (const [name, lines] of files) {
  const path = join(FOLDER, `${name}.pkt`);
  const text = `${lines.join('\n')}\n`;
  if (process.argv.includes('--check')) {
    if (read(path) === text) continue;
    process.stderr.write(`${name}.pkt is not as scripts/conformance.mjs writes it\n`);
    stale++;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
