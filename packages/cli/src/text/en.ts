/** What the command says, in English. */
import { grouped, type Text } from './text.ts';

const some = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

const refusals = {
  total: 'is refused: too many connections in all',
  address: 'is refused: too many connections of that client',
  rate: 'is refused: too many new connections at once',
  idle: 'is closed: silent for too long',
} as const;

const callers = {
  token: () => 'is turned away: its token is wrong, or missing',
  origin: (origin: string) => `is turned away: it is a page of ${origin}; --origin ${origin} lets it in`,
  protocol: () => 'is turned away: it does not ask for packets',
  full: () => 'is turned away: too many call',
} as const;

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
    thrown: 'dropped',
  },
  hostMoves: { crashes: 'power cut', boots: 'boots', pauses: 'stands still', resumes: 'goes on' },
  cableMoves: { unplugged: 'the cable is unplugged', plugged: 'the cable is plugged in', changed: 'the cable changes' },
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
  stepsSeen: (seen, of) => `${seen} of ${of} steps came`,
  runHint: 'synwave run third-ack-lost plays one; id:variant plays a variant of it.',
  captured: (packets, path) => `${some(packets, 'packet')} written to ${path}`,
  runsMade: (runs, of) => `${grouped(runs)}/${grouped(of)} runs`,
  runsRate: (perSecond) => `${grouped(Math.round(perSecond))} runs/s`,
  explored: (runs, of, failed) =>
    `${grouped(runs)} of ${some(of, 'run')}: ${failed === 0 ? 'none failed' : `${grouped(failed)} failed`}`,
  runFails: (run, seed, message) => `run ${run}, seed ${seed}, fails: ${message}`,
  fewest: (events, of) =>
    events === 0
      ? 'it fails by itself, without any packet event'
      : `of ${some(of, 'packet event')} it takes ${events}:`,
  failsThen: (message) => `and fails then: ${message}`,
  notRepeated:
    'not repeated: the same seed and the same packet events did not fail again; is there chance or real time in it?',
  repeatsIt: 'repeats it',
  programFails: (seconds, message) => `fails after ${seconds} s: ${message}`,
  programEnds: (seconds) => `ends well after ${seconds} s`,
  left: (clock) => `ETA ${clock}`,
  serving: (service, address, link) => `${service} on ${address}, behind ${link}; Ctrl-C ends it`,
  connected: (peer) => `${peer} connects`,
  disconnected: (peer, received, sent) => `${peer} is gone: ${some(received, 'octet')} received, ${grouped(sent)} sent`,
  refused: (peer, reason) => `${peer} ${refusals[reason]}`,
  stranger: (peer) => `${peer} is refused: it is not this machine, and serve exec asks for no password`,
  runs: (peer, command) => `${peer} runs ${JSON.stringify(command)}`,
  relaying: (url, device, kernel) =>
    `a relay at ${url}${device === null ? '' : `, the kernel is ${kernel} on ${device}`}; Ctrl-C ends it`,
  joins: (caller) => `${caller} calls`,
  leaves: (name, addresses, { received, sent }) =>
    `${name} (${addresses.join(', ') || 'no address'}) is gone: ${some(received, 'packet')} received, ${grouped(sent)} sent`,
  turnedAway: ({ address, reason, origin }) => `${address} ${callers[reason](origin)}`,
  draining: 'FIN sent; waiting for what is still to come. Ctrl-C again resets',
  labServed: (url) => `The lab is at ${url} (Ctrl-C ends)`,
  help: `Examples:
  synwave handshake photo.jpg --loss 5%           a file over TCP, as a ladder
  synwave serve exec --allow-exec                 a server of remote commands
  synwave exec server 'uname -a; exit 3'          runs one there

Usage: synwave <command> [options]
  handshake [file]   sends a file over a real TCP connection, draws a ladder
  run SCENARIO       what befalls a connection, told step by step
  explore FILE       runs a program on bad networks until it fails
  ping, traceroute   echoes of a host in a small internet; the way to it
  serve SERVICE      a server: echo, discard, chargen, http, remote commands
  exec HOST CMD...   runs a command there: its output, its exit code
  nc HOST PORT       standard input and output over TCP; nc -l listens
  dump, ss           packets of a capture, as tcpdump; sockets, as ss shows them
  bench -s, -c HOST  how fast a connection is, as iperf3 measures
  relay              joins pages, over WebSockets, to a device of the kernel's
  lab                the page where all of it is watched and broken
  completion SHELL   a script by which bash, zsh or fish complete all of this

Options:
  --lang zh|en       language; by default that of LC_ALL or LANG
  -V, --version  -h, --help    synwave <command> --help tells about a command
`,
  drilled: (passed, failed) => `${grouped(passed)} passed, ${grouped(failed)} failed`,
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
  helpRun: `Examples:
  synwave run third-ack-lost                      a scenario, step by step
  synwave run --list                              all, with their variants
  synwave run -v --profile freebsd tests/*.pkt    packet scripts (packetdrill)

Usage: synwave run [options] SCENARIO... | FILE.pkt...
SCENARIO is a name or number of the list, name:variant, or a file: my.json.
docs/packet-scripts.md tells of scripts. Ends with 3 when a step did not come,
an expectation or the program of a file failed, with 2 for an unusable script.

  --list                scenarios and variants
  --seed 7              another seed than the scenario's own
  --no-words            the ladder alone
  --labels textbook|jk|relative|raw  SYN=1, seq=x | SYN J | from 0 | as sent
  --lang zh|en  --width 100  --ascii language, columns, plain characters
  --json                one event on a line, the verdict last
  -w, --write FILE      a capture, pcapng; a folder for several scripts (--pcap)
  -v, --verbose  -q, --quiet         segments with options | errors alone
  --profile linux|freebsd|rfc        how the host behaves that scripts test
  -D, --define A=B      the word A of packet scripts stands for B
  -h, --help            prints this
`,
  helpExplore: `Examples:
  synwave explore client.mjs                      1,000 runs, each network worse
  synwave explore test.mjs --export reconnect --runs 100000 --time 10m
  synwave explore client.mjs --shard 3/16 --json  one of sixteen machines

Usage: synwave explore [options] FILE
FILE exports a program: a function that is given a world, builds hosts and
cables there and tries something; or { program, property, world }. Each run
loses, doubles, delays, reorders or corrupts other packets. What fails is shrunk
to the fewest packet events, and written as a scenario, a test and a capture.
Ends with 3 when a run fails.

  --export default      the name of the export
  --runs 1000           runs, of all shards together
  --seed 1              same seed, same runs, on any number of cores
  --shard 3/16          the third of sixteen parts of the runs
  --workers 8  --time 60s            threads (all cores) | no new run later
  --all                 goes on after a failure; one of each kind is told
  --no-schedules        leaves the order of events alone
  --out failures        folder for what is found
  --runner node|vitest  what the test is written for
  --json  --progress plain           one JSON document | a line every 5 s
  -v, --verbose  -q, --quiet         with stacks and reports | failures alone
  --lang zh|en  -h, --help
`,
  helpPing: `Examples:
  synwave ping server                             across a small internet
  synwave ping -c 20 --loss 5% --seed 7 server    whose long cable loses some
  synwave ping --link udp://127.0.0.1:7700 server synwave serve echo, or nc -l

Usage: synwave ping [options] HOST
Hosts there: client (you), laptop, server, r1 to r4. Time is virtual unless
--link is given. Ends with 1 when nobody replied.

  -c, --count 4         echoes; endless behind a link
  -i, --interval 1      seconds (or 200ms) between them
  -s, --size 56         octets of data
  -t, --ttl 64          hops that each may go
  -W, --timeout 10      seconds to wait for an answer
  -4  -6                addresses of that family alone
  --json                one event on a line, times in milliseconds
  -q, --quiet           the first line and the sums
  -w, --write FILE      a capture, pcapng, as seen by the client
  --link mem            the small internet, or udp://127.0.0.1:7700, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device: HOST kernel
    ws://HOST:PORT, stream:PATH                   a relay; a virtual machine
  --delay 10ms  --jitter 5ms  --loss 5%           what befalls packets on its
  --reorder 5%  --duplicate 5%  --corrupt 1%      long cable, or the link
  --seed 7  --lang zh|en  -h, --help
`,
  helpTraceroute: `Examples:
  synwave traceroute server                       across a small internet
  synwave traceroute -6 -n server                 over IPv6, numbers alone
  synwave traceroute -q 1 --loss 30% server       * where nobody answers

Usage: synwave traceroute [options] HOST
Hosts there: client (you), laptop, server, r1 to r4. Time is virtual unless
--link is given. Ends with 1 when HOST did not reply.

  -m, --max-hops 30     the last hop that is asked for
  -q, --queries 3       echoes for each
  -w, --wait 1          seconds (or 200ms) to wait for answers
  -n, --no-names        addresses, no names
  -4  -6                addresses of that family alone
  --json                one hop on a line, times in milliseconds
  --write FILE          a capture, pcapng, as seen by the client
  --link mem            the small internet, or udp://127.0.0.1:7700, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device: HOST kernel
    ws://HOST:PORT, stream:PATH                   a relay; a virtual machine
  --delay 10ms  --jitter 5ms  --loss 5%           what befalls packets on its
  --reorder 5%  --duplicate 5%  --corrupt 1%      long cable, or the link
  --seed 7  --lang zh|en  -h, --help
`,
  helpServe: `Examples:
  synwave serve echo -v                           RFC 862, on 10.7.0.1 port 7
  synwave serve exec --allow-exec --time-limit 5s remote commands, 5 s each
  synwave serve http www --link tun               curl http://10.9.0.2/ has it

Usage: synwave serve [options] echo|discard|chargen|exec|http [FOLDER]
Processes meet at a UDP socket of this machine: here it is 10.7.0.1, "server".

  -p, --port 7          echo 7, discard 9, chargen 19, exec 512, http 80
  --upload DIR          http takes PUT as well, and keeps the files there
  --allow-exec          needed for exec: no password, any command, as you
  --encoding utf8|gbk   of what commands print; it is sent as UTF-8
  --time-limit 1m  --output-limit 64M             of each command
  --idle-timeout 5m  --rate 10                    silence; new ones each second
  --max-per-client 2  --max-total 100             connections at one time
  --link udp://127.0.0.1:7700                     where clients are awaited, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device, for the kernel's
    ws://HOST:PORT, stream:PATH                   a relay; a virtual machine
  --delay 20ms  --jitter 5ms  --loss 5%           what befalls packets,
  --reorder 5%  --duplicate 5%  --corrupt 1%      both ways
  --seed 7              same seed, same losses
  --lang zh|en  -v, --verbose  -q, --quiet        talk on standard error
  -h, --help            prints this
`,
  helpLab: `Examples:
  synwave lab                                     the page, at http://127.0.0.1:4600/
  synwave lab --port 8080                         at another port
  synwave lab --port 0                            at any port that is free

Usage: synwave lab [options]
Serves the page where connections are watched and broken, to this machine alone,
until Ctrl-C. The stack runs in the page; nothing else is asked of any server.

  -p, --port 4600
  --lang zh|en  -h, --help
`,
  helpNc: `Examples:
  synwave nc -l 9000 > copy                       waits for one connection
  synwave nc server 9000 < file                   FIN at the end of the file
  synwave nc -z -v server 1-99                    which ports are open

Usage: synwave nc [options] HOST PORT
       synwave nc -l [options] [HOST] PORT
Processes meet at a UDP socket: who listens is 10.7.0.1, "server".

  -l, --listen          waits for a connection; -k, --keep-open: for the next
  -z, --zero            looks who listens, sends nothing; PORT may be 20-25
  -w, --wait 3          seconds (or 500ms) to connect, and of silence later
  -N  --no-shutdown     FIN at the end of input, as by default, or none
  -q, --quit 5          leaves 5 seconds after that end  -u, --udp  datagrams
  -p, --source-port 5000  -s, --source 10.9.0.2   where calls come from
  -i, --interval 1      seconds between lines, or between ports
  -C, --crlf  -d, --detach      lines end with CR LF; standard input stays shut
  -v, --verbose  -4  -6 tells what happens; of that family alone
  --link udp://127.0.0.1:7700                     where the processes meet, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device: HOST kernel
    ws://HOST:PORT, stream:PATH                   a relay; a virtual machine
  --delay 20ms  --jitter 5ms  --loss 5%           what befalls packets,
  --reorder 5%  --duplicate 5%  --corrupt 1%      both ways
  --seed 7  --lang zh|en  -h, --help
`,
  helpDump: `Examples:
  synwave dump -r run.pcapng                      packets, one line each
  synwave dump -r run.pcapng 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'
  synwave dump -r all.pcapng -w web.pcap port 80  those alone, into a new file

Usage: synwave dump -r FILE [options] [FILTER]
Lines and filters are tcpdump's: host, net, port, portrange, src, dst, ip, ip6,
arp, tcp, udp, icmp, vlan, ether host, tcp[13], less, greater, and, or, not.

  -r, --read FILE       a capture, pcapng or pcap; - is standard input
  -w, --write FILE      copies instead of printing: pcapng, or pcap by its name
  -c, --count 10        packets, then it ends
  -S                    sequence numbers as in the header, not from 0
  -e                    MAC addresses, VLANs
  -x  -X  -A            octets in hex, with characters, as characters; -xx and
                        -XX: those of the link's header as well
  -t -tt -ttt -tttt -ttttt  no time; seconds since 1970; since the line before;
                        with the date; since the first line
  --nano                nanoseconds
  -Q, --direction in|out  those that went this way alone
  -n  -l  -U            as tcpdump has them: it is so anyway
  --json                one packet on a line
  -q, --quiet  --lang zh|en  -h, --help
`,
  nobodyRuns: 'no synwave program of yours runs: serve, nc -l and others show their sockets here',
  helpSs: `Examples:
  synwave ss -tanoi                               all sockets, with timers
  synwave ss state established '( dport = :80 or src 10.9.0.0/24 )'
  synwave ss -s                                   how many there are

Usage: synwave ss [options] [state STATE...] [FILTER]
Sockets of synwave programs that run as you, asked for through their control
sockets. Filters are ss's: sport, dport, src, dst, = != < > <= >=, and, or, not.
STATE: established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait,
close-wait, last-ack, closing, listening, closed, all, connected, synchronized.

  -a, --all             those in LISTEN and TIME-WAIT as well
  -l, --listening       those alone that listen: Recv-Q waits, Send-Q may wait
  -o, --options         timers
  -i, --info            what TCP knows: RTT, RTO, cwnd, octets, retransmissions
  -m, --memory  -p, --processes  -e, --extended   buffers; whose; timer, host
  -s, --summary         counts alone
  -4  -6                of that family alone
  -H, --no-header  -O, --oneline
  -t, --tcp  -n, --numeric      as ss has them: it is so anyway
  --pid 4711            of that process alone
  --json                one document, times in microseconds
  --lang zh|en  -h, --help
`,
  helpCompletion: `Examples:
  synwave completion bash > ~/.local/share/bash-completion/completions/synwave
  synwave completion zsh > ~/.zfunc/_synwave      a folder of your fpath
  synwave completion fish > ~/.config/fish/completions/synwave.fish

Usage: synwave completion bash|zsh|fish
Prints the script by which that shell completes commands, options and choices.
To try it: source <(synwave completion bash)

  --lang zh|en  -h, --help
`,
  helpExec: `Examples:
  synwave exec server uname -a                    on synwave serve exec
  synwave exec server 'ls | wc -l; exit 3'        one line, for the shell there
  synwave exec --loss 5% --delay 40ms 10.7.0.1 cat big.txt

Usage: synwave exec [options] HOST COMMAND...
Ends with the exit code of the command (124: time limit); 1 when the connection
fails. What stands behind HOST is the command's. Ctrl-C: FIN; again: RST, which
kills the command.

  -p, --port 512
  -w, --wait 3          seconds (or 500ms) to connect
  --link udp://127.0.0.1:7700                     where the server is, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device: HOST kernel
    ws://HOST:PORT, stream:PATH                   a relay; a virtual machine
  --delay 20ms  --jitter 5ms  --loss 5%           what befalls packets,
  --reorder 5%  --duplicate 5%  --corrupt 1%      both ways
  --seed 7              same seed, same losses
  --lang zh|en  -h, --help
`,
  helpBench: `Examples:
  synwave bench -s                                waits for tests
  synwave bench -c server -t 5 -P 4               4 streams, 5 seconds
  synwave bench -c kernel --link tun -R           iperf3 -s of the kernel sends

Usage: synwave bench -s, --server [options]
       synwave bench -c, --client HOST [options]
It speaks iperf3's protocol: the other end may be iperf3 itself (TCP).

  -p, --port 5201       -i, --interval 1          seconds between lines; 0: none
  -t, --time 10         seconds, or -n, --bytes 100M: until so much has gone
  -P, --parallel 4      streams
  -R, --reverse  --bidir                          the server sends; both do
  -l, --length 128K  -w, --window 4M              of a write; of the buffers
  -M, --set-mss 1000  -N, --nodelay  -C, --congestion reno|cubic
  -b, --bitrate 10M     of each stream  -O, --omit 2   seconds to warm up
  -J, --json            one document, iperf3's
  -1, --one-off         one test, then the server ends
  --link udp://127.0.0.1:7700                     where the processes meet, or
    tun, tun=NAME, socat  --address 10.9.0.2/24   a device: HOST kernel
  --delay 20ms  --jitter 5ms  --loss 5%           what befalls packets,
  --reorder 5%  --duplicate 5%  --corrupt 1%      both ways
  --seed 7  --lang zh|en  -h, --help
`,
  helpRelay: `Examples:
  synwave relay --origin http://localhost:8080    pages of that origin may call
  synwave relay --link none                       callers reach one another only
  synwave ping --link 'ws://127.0.0.1:7800/?token=...' kernel

Usage: synwave relay [options]
Prints the URL to call, with a token. A caller has the addresses that it was the
first to speak from, in the kernel's network alone; the kernel does the rest.

  --listen ws://127.0.0.1:7800                    where callers are awaited
  --link tun            or tun=NAME, socat, none: what they are joined to
  --address 10.9.0.1/24 the kernel's; again for another, as fd00:9::1/64
  --token TOKEN         what they have to show; one by chance, or SYNWAVE_TOKEN
  --no-token            nothing: whoever reaches the port is in
  --origin URL          pages from there may call; again for another, * for all
  --max-total 64        callers at one time
  --lang zh|en  -v, --verbose  -q, --quiet        talk on standard error
  -h, --help            prints this
`,
};
