/** What the command says, in Chinese. */
import { grouped, type Text } from './text.ts';

const refusals = {
  total: '被拒绝：连接总数已满',
  address: '被拒绝：该客户端的连接数已满',
  rate: '被拒绝：新连接太快',
  idle: '被关闭：静默太久',
} as const;

const callers = {
  token: () => '被拒绝：没有令牌，或令牌不对',
  origin: (origin: string) => `被拒绝：它是 ${origin} 的页面；用 --origin ${origin} 放行`,
  protocol: () => '被拒绝：它请求的不是分组',
  full: () => '被拒绝：接入者太多',
} as const;

export const zh: Text = {
  time: '时间',
  client: '客户端',
  server: '服务器',
  opening: '三次握手（建立连接）',
  data: '数据传送',
  closing: '四次挥手（释放连接）',
  tcbCreated: '创建 TCB',
  tcbDeleted: '撤销 TCB',
  marks: {
    lost: '丢失',
    corrupt: '校验和出错',
    twice: '重复到达',
    late: '失序',
    timeout: '超时重传',
    probe: '尾部丢失探测',
    again: '重传',
    thrown: '丢弃',
  },
  hostMoves: { crashes: '断电', boots: '重新启动', pauses: '暂停', resumes: '恢复运行' },
  cableMoves: { unplugged: '网线已拔掉', plugged: '网线已插上', changed: '线路状况改变' },
  halfClosed: '半关闭：服务器仍可继续发送数据',
  waited: (span) => `等待 2MSL = ${span} 结束`,
  octets: (count) => `${grouped(count)} 字节`,
  folded: (segments, octets, acks) =>
    [
      ...(segments > 0 ? [`${grouped(segments)} 个报文段`, `${grouped(octets)} 字节`] : []),
      ...(acks > 0 ? [`${grouped(acks)} 个确认`] : []),
    ].join('，'),
  initialNumbers: (client, server) => `初始序号 ISN：客户端 ${client}，服务器 ${server}`,
  sent: (octets, segments, again, lost) =>
    `传送 ${grouped(octets)} 字节，双向共 ${grouped(segments)} 个报文段，其中重传 ${again} 个，丢失 ${lost} 个`,
  same: (sha256) => `两端内容一致：SHA-256 ${sha256.slice(0, 16)}...`,
  stepsSeen: (seen, of) => `共 ${of} 步，已出现 ${seen} 步`,
  runHint: 'synwave run third-ack-lost 播放一个场景；id:variant 播放它的一个变体。',
  captured: (packets, path) => `已将 ${grouped(packets)} 个分组写入 ${path}`,
  runsMade: (runs, of) => `${grouped(runs)}/${grouped(of)} 次运行`,
  runsRate: (perSecond) => `${grouped(Math.round(perSecond))} 次/秒`,
  explored: (runs, of, failed) =>
    `共 ${grouped(of)} 次运行，完成 ${grouped(runs)} 次：${failed === 0 ? '没有失败' : `${grouped(failed)} 次失败`}`,
  runFails: (run, seed, message) => `第 ${run} 次运行（种子 ${seed}）失败：${message}`,
  fewest: (events, of) =>
    events === 0 ? '不需要任何报文事件，程序自己就会失败' : `${of} 个报文事件中，只需要 ${events} 个：`,
  failsThen: (message) => `此时的失败：${message}`,
  notRepeated: '未能重现：种子和报文事件都相同，却没有再次失败；程序里是否有随机数或真实时间？',
  repeatsIt: '可重现',
  programFails: (seconds, message) => `${seconds} 秒后失败：${message}`,
  programEnds: (seconds) => `${seconds} 秒后正常结束`,
  left: (clock) => `剩余 ${clock}`,
  serving: (service, address, link) => `${service} 服务位于 ${address}，链路 ${link}；按 Ctrl-C 结束`,
  connected: (peer) => `${peer} 已连接`,
  disconnected: (peer, received, sent) => `${peer} 已断开：收到 ${grouped(received)} 字节，发出 ${grouped(sent)} 字节`,
  refused: (peer, reason) => `${peer} ${refusals[reason]}`,
  stranger: (peer) => `${peer} 被拒绝：它不在本机上，而 serve exec 不要求密码`,
  runs: (peer, command) => `${peer} 运行 ${JSON.stringify(command)}`,
  relaying: (url, device, kernel) =>
    `中继位于 ${url}${device === null ? '' : `，内核地址 ${kernel}，设备 ${device}`}；按 Ctrl-C 结束`,
  joins: (caller) => `${caller} 已接入`,
  leaves: (name, addresses, { received, sent }) =>
    `${name}（${addresses.join('、') || '没有地址'}）已离开：收到 ${grouped(received)} 个分组，发出 ${grouped(sent)} 个`,
  turnedAway: ({ address, reason, origin }) => `${address} ${callers[reason](origin)}`,
  draining: '已发送 FIN，等待对方剩余的数据；再按一次 Ctrl-C 发送 RST',
  labServed: (url) => `实验室网页：${url}（按 Ctrl-C 结束）`,
  help: `示例：
  synwave handshake photo.jpg --loss 5%           用 TCP 传送文件，画出时序图
  synwave serve exec --allow-exec                 启动远程命令服务器
  synwave exec server 'uname -a; exit 3'          在服务器上运行一条命令

用法：synwave <命令> [选项]
  handshake [文件]   在真实的 TCP 连接上传送一个文件，显示每个报文段
  run 场景           逐步讲解一条连接上发生的事
  explore 文件       在恶劣的网络上反复运行程序，直到它失败
  ping, traceroute   向模拟小互联网中的主机发送回送请求；查看途经的路由器
  serve 服务         服务器：echo、discard、chargen、http、远程命令
  exec 主机 命令...  在服务器上运行命令，取回输出和退出码
  nc 主机 端口       标准输入输出与 TCP 连接对接；nc -l 监听
  dump, ss           按 tcpdump 的格式打印分组；像 ss 一样列出套接字
  bench -s, -c 主机  按 iperf3 的方式测量连接速度
  relay              经 WebSocket 把网页接到内核的 TUN 设备
  lab                网页：逐步观察连接，随手破坏它
  completion shell   输出 bash、zsh 或 fish 的补全脚本

选项：
  --lang zh|en       语言，默认由 LC_ALL 或 LANG 决定
  -V, --version  -h, --help    synwave <命令> --help 显示该命令的帮助
`,
  drilled: (passed, failed) => `通过 ${grouped(passed)} 个，失败 ${grouped(failed)} 个`,
  helpHandshake: `示例：
  synwave handshake                               传送 README，线路没有差错
  synwave handshake photo.jpg --loss 5% --seed 7  经过一条会丢包的线路
  synwave handshake -w run.pcapng --labels raw    显示真实序号，并保存抓包文件

用法：synwave handshake [选项] [文件]    （或 --file 路径；- 表示标准输入）

线路（双向相同）：
  --delay 20ms  --jitter [5ms]       单程时延，以及随机增加的最大时延
  --loss 5%  --reorder 5%            分组丢失、失序的比例
  --duplicate 5%  --corrupt 1%       分组重复、出现一位差错的比例
  --seed 7                           随机种子；种子相同，结果逐字节相同
  --profile rfc|linux                按 RFC 的规定，或按 Linux 的习惯
显示：
  --labels textbook|jk|relative|raw  SYN=1, seq=x | SYN J | 相对序号 | 真实序号
  --lang zh|en  --width 100  --ascii 语言、列数、只用 ASCII 线条
  --json                             不画图，输出一个 JSON 文档
  -w, --write 文件                   在客户端一侧抓包，存为 pcapng
  -v, --verbose  -q, --quiet         显示全部报文段及选项 | 只报告错误
  -h, --help                         显示本帮助
`,
  helpRun: `示例：
  synwave run third-ack-lost                      播放一个场景，逐步讲解
  synwave run --list                              列出全部场景及其变体
  synwave run -v --profile freebsd tests/*.pkt    packetdrill 语言的分组脚本

用法：synwave run [选项] 场景... | 文件.pkt...
场景可以是列表中的名称或编号、“名称:变体”，或一个文件 my.json。
分组脚本见 docs/packet-scripts.md。有步骤没有出现、断言失败，或文件中的
程序失败时，退出码为 3；脚本无法运行时为 2。

  --list                列出场景和变体
  --seed 7              换一个随机种子
  --no-words            只画时序图，不显示讲解
  --labels textbook|jk|relative|raw  SYN=1, seq=x | SYN J | 相对序号 | 真实序号
  --lang zh|en  --width 100  --ascii 语言、列数、只用 ASCII 线条
  --json                每行一个事件，最后一行是结论
  -w, --write 文件      抓包，存为 pcapng；多个脚本时为目录（--pcap）
  -v, --verbose  -q, --quiet         显示选项 | 只报告错误
  --profile linux|freebsd|rfc        脚本所测主机的行为
  -D, --define A=B      分组脚本中的单词 A 代表 B
  -h, --help            显示本帮助
`,
  helpExplore: `示例：
  synwave explore client.mjs                      运行 1000 次，每次网络都不同
  synwave explore test.mjs --export reconnect --runs 100000 --time 10m
  synwave explore client.mjs --shard 3/16 --json  十六台机器中的一台

用法：synwave explore [选项] 文件
文件导出一个程序：一个函数，它得到一个模拟世界，在其中建立主机和线路，然后做要
测试的事；也可以是 { program, property, world }。每次运行都会丢失、重复、推迟、
打乱或损坏不同的分组。失败会缩减为最少的报文事件，写成场景、测试和抓包文件。
有运行失败时，退出码为 3。

  --export default      导出的名称
  --runs 1000           运行次数（所有分片合计）
  --seed 1              种子相同，结果相同，与核数无关
  --shard 3/16          十六个分片中的第三个
  --workers 8  --time 60s            线程数（默认全部核）| 到时不再开始新运行
  --all                 失败后继续；每类失败只报告一个
  --no-schedules        不打乱事件的先后次序
  --out failures        存放结果的目录
  --runner node|vitest  测试文件所用的运行器
  --json  --progress plain           输出一个 JSON 文档 | 每 5 秒输出一行进度
  -v, --verbose  -q, --quiet         显示调用栈和报告 | 只报告失败
  --lang zh|en  -h, --help
`,
  helpPing: `示例：
  synwave ping server                             跨越一个小互联网
  synwave ping -c 20 --loss 5% --seed 7 server    其中的长线路会丢包
  synwave ping --link udp://127.0.0.1:7700 server 对方为 serve echo 或 nc -l

用法：synwave ping [选项] 主机
其中的主机：client（本机）、laptop、server、r1 至 r4。除非给出 --link，
时间都是虚拟的。没有任何回答时退出码为 1。

  -c, --count 4         回送请求的个数；经过链路时不限
  -i, --interval 1      间隔，秒（或 200ms）
  -s, --size 56         数据的字节数
  -t, --ttl 64          生存时间（跳数）
  -W, --timeout 10      等待回答的秒数
  -4  -6                只用该协议族的地址
  --json                每行一个事件，时间以毫秒计
  -q, --quiet           只显示首行和统计
  -w, --write 文件      在客户端一侧抓包，存为 pcapng
  --link mem            小互联网，或 udp://127.0.0.1:7700，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备：主机 kernel
    ws://主机:端口, stream:路径                   中继；虚拟机
  --delay 10ms  --jitter 5ms  --loss 5%           分组在长线路（或链路）上的
  --reorder 5%  --duplicate 5%  --corrupt 1%      遭遇，双向相同
  --seed 7  --lang zh|en  -h, --help
`,
  helpTraceroute: `示例：
  synwave traceroute server                       跨越一个小互联网
  synwave traceroute -6 -n server                 使用 IPv6，只显示地址
  synwave traceroute -q 1 --loss 30% server       没有回答之处显示 *

用法：synwave traceroute [选项] 主机
其中的主机：client（本机）、laptop、server、r1 至 r4。除非给出 --link，
时间都是虚拟的。目的主机没有回答时退出码为 1。

  -m, --max-hops 30     最多的跳数
  -q, --queries 3       每一跳的探测个数
  -w, --wait 1          等待回答的秒数（或 200ms）
  -n, --no-names        只显示地址，不显示名称
  -4  -6                只用该协议族的地址
  --json                每行一跳，时间以毫秒计
  --write 文件          在客户端一侧抓包，存为 pcapng
  --link mem            小互联网，或 udp://127.0.0.1:7700，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备：主机 kernel
    ws://主机:端口, stream:路径                   中继；虚拟机
  --delay 10ms  --jitter 5ms  --loss 5%           分组在长线路（或链路）上的
  --reorder 5%  --duplicate 5%  --corrupt 1%      遭遇，双向相同
  --seed 7  --lang zh|en  -h, --help
`,
  helpServe: `示例：
  synwave serve echo -v                           RFC 862，10.7.0.1 端口 7
  synwave serve exec --allow-exec --time-limit 5s 远程命令，每条限 5 秒
  synwave serve http www --link tun               用 curl http://10.9.0.2/ 访问

用法：synwave serve [选项] echo|discard|chargen|exec|http [文件夹]
各进程通过本机的一个 UDP 套接字互通；本机地址为 10.7.0.1，名称 server。

  -p, --port 7          默认 echo 7、discard 9、chargen 19、exec 512、http 80
  --upload 文件夹       http 也接受 PUT，文件保存到该文件夹
  --allow-exec          exec 必需：没有密码，任何命令都以当前用户运行
  --encoding utf8|gbk   命令输出的编码；传送时一律用 UTF-8
  --time-limit 1m  --output-limit 64M             每条命令的时间、输出上限
  --idle-timeout 5m  --rate 10                    静默时间；每秒新连接数
  --max-per-client 2  --max-total 100             每个客户端、总共的连接数
  --link udp://127.0.0.1:7700                     在此等待客户端，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备，供内核访问
    ws://主机:端口, stream:路径                   中继；虚拟机
  --delay 20ms  --jitter 5ms  --loss 5%           分组在链路上的遭遇，
  --reorder 5%  --duplicate 5%  --corrupt 1%      双向相同
  --seed 7              随机种子；种子相同，丢失相同
  --lang zh|en  -v, --verbose  -q, --quiet        语言；多说 | 少说
  -h, --help            显示本帮助
`,
  helpLab: `示例：
  synwave lab                                     网页位于 http://127.0.0.1:4600/
  synwave lab --port 8080                         换一个端口
  synwave lab --port 0                            任何空闲的端口

用法：synwave lab [选项]
在本机提供一个网页：逐步观察 TCP 连接，并随手破坏它；按 Ctrl-C 结束。
协议栈就在网页里运行，不需要任何别的服务器。

  -p, --port 4600
  --lang zh|en  -h, --help
`,
  helpNc: `示例：
  synwave nc -l 9000 > copy                       等待一个连接
  synwave nc server 9000 < file                   文件结束时发送 FIN
  synwave nc -z -v server 1-99                    哪些端口开放

用法：synwave nc [选项] 主机 端口
      synwave nc -l [选项] [主机] 端口
各进程通过一个 UDP 套接字互通；监听者为 10.7.0.1，名称 server。

  -l, --listen          等待一个连接；-k, --keep-open：结束后等待下一个
  -z, --zero            只看端口是否开放，不发数据；端口可写作 20-25
  -w, --wait 3          连接时限及其后的静默时限，秒（或 500ms）
  -N  --no-shutdown     输入结束时发送 FIN（默认），或不发送
  -q, --quit 5          输入结束 5 秒后退出  -u, --udp  改用 UDP 数据报
  -p, --source-port 5000  -s, --source 10.9.0.2   本端端口、地址
  -i, --interval 1      每行之间、每个端口之间间隔的秒数
  -C, --crlf  -d, --detach      行尾用 CR LF；不读标准输入
  -v, --verbose  -4  -6 显示过程；只用该地址族
  --link udp://127.0.0.1:7700                     各进程在此会合，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备：主机 kernel
    ws://主机:端口, stream:路径                   中继；虚拟机
  --delay 20ms  --jitter 5ms  --loss 5%           分组在链路上的遭遇，
  --reorder 5%  --duplicate 5%  --corrupt 1%      双向相同
  --seed 7  --lang zh|en  -h, --help
`,
  helpDump: `示例：
  synwave dump -r run.pcapng                      每个分组一行
  synwave dump -r run.pcapng 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'
  synwave dump -r all.pcapng -w web.pcap port 80  只把这些分组写入新文件

用法：synwave dump -r 文件 [选项] [过滤表达式]
输出格式和过滤表达式与 tcpdump 相同：host、net、port、portrange、src、dst、ip、
ip6、arp、tcp、udp、icmp、vlan、ether host、tcp[13]、less、greater、and、or。

  -r, --read 文件       抓包文件，pcapng 或 pcap；- 表示标准输入
  -w, --write 文件      不显示，改为另存：pcapng；文件名以 .pcap 结尾则为 pcap
  -c, --count 10        处理这么多分组后结束
  -S                    显示首部中的真实序号，而不是相对序号
  -e                    显示 MAC 地址和 VLAN
  -x  -X  -A            以十六进制、十六进制加字符、字符显示内容；
                        -xx、-XX 还包括链路层首部
  -t -tt -ttt -tttt -ttttt  不显示时间；1970 年以来的秒数；与上一行的间隔；
                        日期和时间；与第一行的间隔
  --nano                时间精确到纳秒
  -Q, --direction in|out  只要这个方向的分组
  -n  -l  -U            与 tcpdump 相同；本来如此
  --json                每行一个分组
  -q, --quiet  --lang zh|en  -h, --help
`,
  nobodyRuns: '没有正在运行的 synwave 程序；serve、nc -l 等命令运行时，这里会显示它们的套接字',
  helpSs: `示例：
  synwave ss -tanoi                               全部套接字和定时器
  synwave ss state established '( dport = :80 or src 10.9.0.0/24 )'
  synwave ss -s                                   只显示统计

用法：synwave ss [选项] [state 状态...] [过滤表达式]
通过控制套接字查询当前用户正在运行的 synwave 程序。过滤表达式与 ss 相同：
sport、dport、src、dst、= != < > <= >=、and、or、not。
状态：established、syn-sent、syn-recv、fin-wait-1、fin-wait-2、time-wait、
close-wait、last-ack、closing、listening、closed、all、connected、synchronized。

  -a, --all             包括 LISTEN 和 TIME-WAIT
  -l, --listening       只显示监听套接字：Recv-Q 为排队的连接数，Send-Q 为上限
  -o, --options         定时器
  -i, --info            TCP 内部状态：RTT、RTO、cwnd、字节数、重传
  -m, --memory  -p, --processes  -e, --extended   缓冲区；进程；定时器和主机
  -s, --summary         只显示统计
  -4  -6                只显示该地址族
  -H, --no-header  -O, --oneline                  不要表头；每个套接字一行
  -t, --tcp  -n, --numeric      与 ss 的写法兼容，本来就是这样
  --pid 4711            只查询该进程
  --json                输出一个 JSON 文档，时间单位为微秒
  --lang zh|en  -h, --help
`,
  helpCompletion: `示例：
  synwave completion bash > ~/.local/share/bash-completion/completions/synwave
  synwave completion zsh > ~/.zfunc/_synwave      放进 fpath 中的目录
  synwave completion fish > ~/.config/fish/completions/synwave.fish

用法：synwave completion bash|zsh|fish
输出该 shell 的补全脚本，可补全命令、选项和选项的取值。
试用：source <(synwave completion bash)

  --lang zh|en  -h, --help
`,
  helpExec: `示例：
  synwave exec server uname -a                    服务器为 synwave serve exec
  synwave exec server 'ls | wc -l; exit 3'        整行交给服务器的 shell
  synwave exec --loss 5% --delay 40ms 10.7.0.1 cat big.txt

用法：synwave exec [选项] 主机 命令...
退出码即远程命令的退出码（124：超过时限）；连接失败为 1。主机之后的一切
都属于远程命令。Ctrl-C：发送 FIN；再按一次：发送 RST，命令被终止。

  -p, --port 512
  -w, --wait 3          连接时限，秒（或 500ms）
  --link udp://127.0.0.1:7700                     服务器所在，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备：主机 kernel
    ws://主机:端口, stream:路径                   中继；虚拟机
  --delay 20ms  --jitter 5ms  --loss 5%           分组在链路上的遭遇，
  --reorder 5%  --duplicate 5%  --corrupt 1%      双向相同
  --seed 7              随机种子；种子相同，丢失相同
  --lang zh|en  -h, --help
`,
  helpBench: `示例：
  synwave bench -s                                等待测试
  synwave bench -c server -t 5 -P 4               4 条流，5 秒
  synwave bench -c kernel --link tun -R           由内核的 iperf3 -s 发送

用法：synwave bench -s, --server [选项]
      synwave bench -c, --client 主机 [选项]
使用 iperf3 的协议，对端可以就是 iperf3（仅 TCP）。

  -p, --port 5201       -i, --interval 1          每隔几秒一行；0 为不显示
  -t, --time 10         测试秒数；或 -n, --bytes 100M，传完为止
  -P, --parallel 4      并行的流数
  -R, --reverse  --bidir                          由服务器发送；双向同时发送
  -l, --length 128K  -w, --window 4M              每次写入的大小；缓冲区大小
  -M, --set-mss 1000  -N, --nodelay  -C, --congestion reno|cubic
  -b, --bitrate 10M     每条流的速率  -O, --omit 2     预热秒数
  -J, --json            输出一个 JSON 文档，格式同 iperf3
  -1, --one-off         完成一次测试后服务器退出
  --link udp://127.0.0.1:7700                     各进程会合的地方，或
    tun, tun=名称, socat  --address 10.9.0.2/24   TUN 设备：主机 kernel
  --delay 20ms  --jitter 5ms  --loss 5%           分组在链路上的遭遇，
  --reorder 5%  --duplicate 5%  --corrupt 1%      双向相同
  --seed 7  --lang zh|en  -h, --help
`,
  helpRelay: `示例：
  synwave relay --origin http://localhost:8080    允许该来源的网页接入
  synwave relay --link none                       接入者之间互通，不通内核
  synwave ping --link 'ws://127.0.0.1:7800/?token=...' kernel

用法：synwave relay [选项]
启动后显示供接入的 URL，其中带有令牌。每个接入者占有它最先使用的源地址，且
只能是内核所在网络中的地址；其余由内核负责。

  --listen ws://127.0.0.1:7800                    在此等待接入
  --link tun            或 tun=名称、socat、none：接到哪里
  --address 10.9.0.1/24 内核的地址；可重复，如 fd00:9::1/64
  --token 令牌          接入者须出示；默认随机产生，或取 SYNWAVE_TOKEN
  --no-token            不要令牌：能到达端口者皆可接入
  --origin URL          允许接入的网页来源；可重复，* 表示全部
  --max-total 64        同时接入者的上限
  --lang zh|en  -v, --verbose  -q, --quiet        语言；多说 | 少说
  -h, --help            显示本帮助
`,
};
