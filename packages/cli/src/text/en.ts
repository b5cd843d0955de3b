/** What the command says, in English. */
import { grouped, type Text } from './text.ts';

const some = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

export const en: Text = {
  time: 'time',
  client: 'client',
  server: 'server',
  opening: 'Three-way handshake',
  data: 'Data',
  closing: 'Four-way close',
  tcbCreated: 'TCB created',
  tcbDeleted: 'TCB deleted',
  marks: {
    lost: 'lost',
    corrupt: 'bad checksum',
    twice: 'comes twice',
    late: 'overtaken',
    timeout: 'RTO: resent',
    probe: 'tail probe',
    again: 'resent',
  },
  halfClosed: 'half-closed: the server may still send',
  waited: (span) => `2MSL = ${span} are over`,
  octets: (count) => some(count, 'octet'),
  folded: (segments, octets, acks) =>
    [
      ...(segments > 0 ? [some(segments, 'segment'), some(octets, 'octet')] : []),
      ...(acks > 0 ? [some(acks, 'ACK')] : []),
    ].join(', '),
  initialNumbers: (client, server) => `initial sequence numbers: client ${client}, server ${server}`,
  sent: (octets, segments, again, lost) =>
    `${some(octets, 'octet')} in ${some(segments, 'segment')}, both ways; ${again} resent, ${lost} lost`,
  same: (sha256) => `the same at both ends: SHA-256 ${sha256.slice(0, 16)}...`,
  captured: (packets, path) => `${some(packets, 'packet')} written to ${path}`,
  left: (clock) => `ETA ${clock}`,
  help: `Examples:
  synwave handshake                               a file over TCP, as a ladder
  synwave handshake photo.jpg --loss 5% --seed 7  a cable that loses packets
  synwave handshake -w run.pcapng --labels raw    real numbers, and a capture

Usage: synwave <command> [options]

Commands:
  handshake [file]   sends a file over a real TCP connection, draws a ladder

Options:
  --lang zh|en       language; by default that of LC_ALL or LANG
  -V, --version      prints the version
  -h, --help         prints this; synwave <command> --help tells about a command
`,
  helpHandshake: `Examples:
  synwave handshake                               the README, a clean cable
  synwave handshake photo.jpg --loss 5% --seed 7  a cable that loses packets
  synwave handshake -w run.pcapng --labels raw    real numbers, and a capture

Usage: synwave handshake [options] [file] (or --file PATH; - is standard input)

The cable, both ways:
  --delay 20ms  --jitter [5ms]       time on the way, and up to so much more
  --loss 5%  --reorder 5%            share of packets lost, or overtaken
  --duplicate 5%  --corrupt 1%       arriving twice, or with one bit wrong
  --seed 7                           same seed, same run, byte for byte
  --profile rfc|linux                TCP as the RFCs say, or as Linux behaves
What is shown:
  --labels textbook|jk|relative|raw  SYN=1, seq=x | SYN J | from 0 | as sent
  --lang zh|en  --width 100  --ascii language, columns, plain characters
  --json                             one JSON document instead of the ladder
  -w, --write FILE                   a capture, pcapng, as seen by the client
  -v, --verbose  -q, --quiet         every segment with options | errors alone
  -h, --help                         prints this
`,
};
