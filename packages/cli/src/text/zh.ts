/** What the command says, in Chinese. */
import { grouped, type Text } from './text.ts';

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
  },
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
  captured: (packets, path) => `已将 ${grouped(packets)} 个分组写入 ${path}`,
  left: (clock) => `剩余 ${clock}`,
  help: `示例：
  synwave handshake                               用 TCP 传送文件，画出时序图
  synwave handshake photo.jpg --loss 5% --seed 7  经过一条会丢包的线路
  synwave handshake -w run.pcapng --labels raw    显示真实序号，并保存抓包文件

用法：synwave <命令> [选项]

命令：
  handshake [文件]   在真实的 TCP 连接上传送一个文件，显示每个报文段

选项：
  --lang zh|en       语言，默认由 LC_ALL 或 LANG 决定
  -V, --version      显示版本号
  -h, --help         显示本帮助；synwave <命令> --help 显示该命令的帮助
`,
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
};
