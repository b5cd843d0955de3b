/** The text of protocols whose messages are lines, HTTP above all, as tcpdump prints it behind a segment's length. */
import type { Octets } from './text-options.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HIGHEST = 0x7e;

/** Telnet's and SSH's ports: of the one nothing is shown, of the other its first line. */
const TELNET = 23;
const SSH = 22;
const SSH_START = 'SSH-';

/** What runs on which ports, in the order in which tcpdump looks for them. */
const known: readonly (readonly [port: number, name: string])[] = [
  [TELNET, ''],
  [25, 'SMTP'],
  [43, 'WHOIS'],
  [SSH, 'SSH'],
  [21, 'FTP'],
  [80, 'HTTP'],
  [8080, 'HTTP'],
];

/** The methods that tcpdump knows: HTTP's, and those of its relatives for authors. */
const METHODS: ReadonlySet<string> = new Set(
  (
    'GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE ' +
    'NOTIFY BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH ' +
    'UNCHECKOUT MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL'
  ).split(' '),
);

/** What follows the length of a segment between those ports whose text begins at `at`; '' where nothing is known of them. */
export function linesText(frame: Octets, at: number, srcPort: number, dstPort: number): string {
  const [port, name] = known.find(([each]) => each === srcPort || each === dstPort) ?? [TELNET, ''];
  if (port === TELNET) return '';
  if (port === SSH) return sshText(frame, at);
  const line = name === 'HTTP' && !beginsHttp(frame, at) ? null : lineText(frame, at);
  if (line === null) return `: ${name}`;
  return `: ${name}: ${line.text}${line.whole ? '' : ` [|${name.toLowerCase()}]`}`;
}

/** The version of the protocol, which is all that is not ciphered; '' for everything else. */
function sshText(frame: Octets, at: number): string {
  const start = String.fromCharCode(...frame.bytes.subarray(at, Math.min(at + SSH_START.length, frame.end)));
  if (!SSH_START.startsWith(start)) return '';
  if (start !== SSH_START) return ' [|ssh]';
  const line = lineText(frame, at);
  return line?.whole === true ? `: SSH: ${line.text}` : '';
}

/** A method, or anything in front of three digits, as a status line has it. */
function beginsHttp(frame: Octets, at: number): boolean {
  const first = word(frame, at);
  if (METHODS.has(first.toUpperCase())) return true;
  if (first === '') return false;
  let next = at + first.length;
  while (next < frame.end && frame.bytes[next] === SPACE) next++;
  return next > at + first.length && /^\d{3}$/.test(word(frame, next));
}

function word({ bytes, end }: Octets, at: number): string {
  let text = '';
  for (let i = at; i < end; i++) {
    const octet = bytes[i] as number;
    if (octet <= SPACE || octet > HIGHEST) break;
    text += String.fromCharCode(octet);
  }
  return text;
}

/** The first line; not `whole` where its end is not there. Null: what tcpdump does not show for what is in it. */
function lineText({ bytes, end }: Octets, at: number): { readonly text: string; readonly whole: boolean } | null {
  let text = '';
  for (let i = at; i < end; i++) {
    const octet = bytes[i] as number;
    if (octet === LF || (octet === CR && i + 1 < end && bytes[i + 1] === LF)) return { text, whole: true };
    if ((octet < SPACE && octet !== TAB) || octet > HIGHEST) return null;
    text += String.fromCharCode(octet);
  }
  return { text, whole: false };
}
