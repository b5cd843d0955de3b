/** The ladder: the drawings of whole runs, to be read beside a textbook; and its columns. */

import type { LabelMode } from 'synwave/sim';
import { describe, expect, test } from 'vitest';
import { center, cut, padEnd, padStart, widthOf } from '../src/ladder/columns.ts';
import { drawing } from '../src/ladder/drawing.ts';
import type { Language } from '../src/language.ts';
import { textIn } from '../src/language.ts';
import { plainLook, runOf } from './tools.ts';

async function tiny(mode: LabelMode, language: Language): Promise<string> {
  return drawing(await runOf('hello\n'), mode, plainLook(), textIn(language));
}

describe('a tiny file over a clean cable', () => {
  test('textbook, English', async () => {
    expect(await tiny('textbook', 'en')).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN=1, seq=x ────────────────────────▶
       20.000 ms                                                          TCB created
                               ◀──────── SYN=1, ACK=1, seq=y, ack=x+1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK=1, seq=x+1, ack=y+1 ─────────────▶

      Data
                               ── ACK=1, seq=x+1, ack=y+1, 6 octets ───▶
       60.000 ms               ◀───────────── ACK=1, seq=y+1, ack=x+7 ──  ESTABLISHED

      Four-way close
       80.000 ms  FIN-WAIT-1   ── FIN=1, ACK=1, seq=u, ack=v ──────────▶
      100.000 ms               ◀─────────────── ACK=1, seq=v, ack=u+1 ──  CLOSE-WAIT
      110.000 ms               ◀──── ACK=1, seq=v, ack=u+1, 18 octets ──
      120.000 ms  FIN-WAIT-2    half-closed: the server may still send
      170.000 ms               ── ACK=1, seq=u+1, ack=w ───────────────▶
      200.000 ms               ◀──────── FIN=1, ACK=1, seq=w, ack=u+1 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK=1, seq=u+1, ack=w+1 ─────────────▶
      240.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.220 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      x = 2153031375, u = x+7, y = 797863110, v = y+1, w = v+18
      6 octets in 11 segments, both ways; 0 resent, 0 lost
      the same at both ends: SHA-256 5891b5b522d5df08..."
    `);
  });

  test('textbook, Chinese', async () => {
    expect(await tiny('textbook', 'zh')).toMatchInlineSnapshot(`
      "      时间  客户端 10.0.0.1:50226                          服务器 10.0.0.2:12345

      三次握手（建立连接）
        0.000 ms  CLOSED                                                  LISTEN
                  创建 TCB
                  SYN-SENT     ── SYN=1, seq=x ────────────────────────▶
       20.000 ms                                                          创建 TCB
                               ◀──────── SYN=1, ACK=1, seq=y, ack=x+1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK=1, seq=x+1, ack=y+1 ─────────────▶

      数据传送
                               ── ACK=1, seq=x+1, ack=y+1, 6 字节 ─────▶
       60.000 ms               ◀───────────── ACK=1, seq=y+1, ack=x+7 ──  ESTABLISHED

      四次挥手（释放连接）
       80.000 ms  FIN-WAIT-1   ── FIN=1, ACK=1, seq=u, ack=v ──────────▶
      100.000 ms               ◀─────────────── ACK=1, seq=v, ack=u+1 ──  CLOSE-WAIT
      110.000 ms               ◀────── ACK=1, seq=v, ack=u+1, 18 字节 ──
      120.000 ms  FIN-WAIT-2        半关闭：服务器仍可继续发送数据
      170.000 ms               ── ACK=1, seq=u+1, ack=w ───────────────▶
      200.000 ms               ◀──────── FIN=1, ACK=1, seq=w, ack=u+1 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK=1, seq=u+1, ack=w+1 ─────────────▶
      240.000 ms                                                          CLOSED
                                                                          撤销 TCB
       240.220 s  CLOSED                等待 2MSL = 240 s 结束
                  撤销 TCB

      x = 2153031375, u = x+7, y = 797863110, v = y+1, w = v+18
      传送 6 字节，双向共 11 个报文段，其中重传 0 个，丢失 0 个
      两端内容一致：SHA-256 5891b5b522d5df08..."
    `);
  });

  test('jk, English', async () => {
    expect(await tiny('jk', 'en')).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN J ───────────────────────────────▶
       20.000 ms                                                          TCB created
                               ◀────────────────────── SYN K, ACK J+1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK K+1 ─────────────────────────────▶

      Data
                               ── seq J+1, ACK K+1, 6 octets ──────────▶
       60.000 ms               ◀───────────────────────────── ACK J+7 ──  ESTABLISHED

      Four-way close
       80.000 ms  FIN-WAIT-1   ── FIN M, ACK K+1 ──────────────────────▶
      100.000 ms               ◀───────────────────────────── ACK M+1 ──  CLOSE-WAIT
      110.000 ms               ◀───────── seq K+1, ACK M+1, 18 octets ──
      120.000 ms  FIN-WAIT-2    half-closed: the server may still send
      170.000 ms               ── ACK N ───────────────────────────────▶
      200.000 ms               ◀────────────────────── FIN N, ACK M+1 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK N+1 ─────────────────────────────▶
      240.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.220 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      J = 2153031375, M = J+7, K = 797863110, N = K+19
      6 octets in 11 segments, both ways; 0 resent, 0 lost
      the same at both ends: SHA-256 5891b5b522d5df08..."
    `);
  });

  test('jk, Chinese', async () => {
    expect(await tiny('jk', 'zh')).toMatchInlineSnapshot(`
      "      时间  客户端 10.0.0.1:50226                          服务器 10.0.0.2:12345

      三次握手（建立连接）
        0.000 ms  CLOSED                                                  LISTEN
                  创建 TCB
                  SYN-SENT     ── SYN J ───────────────────────────────▶
       20.000 ms                                                          创建 TCB
                               ◀────────────────────── SYN K, ACK J+1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK K+1 ─────────────────────────────▶

      数据传送
                               ── seq J+1, ACK K+1, 6 字节 ────────────▶
       60.000 ms               ◀───────────────────────────── ACK J+7 ──  ESTABLISHED

      四次挥手（释放连接）
       80.000 ms  FIN-WAIT-1   ── FIN M, ACK K+1 ──────────────────────▶
      100.000 ms               ◀───────────────────────────── ACK M+1 ──  CLOSE-WAIT
      110.000 ms               ◀─────────── seq K+1, ACK M+1, 18 字节 ──
      120.000 ms  FIN-WAIT-2        半关闭：服务器仍可继续发送数据
      170.000 ms               ── ACK N ───────────────────────────────▶
      200.000 ms               ◀────────────────────── FIN N, ACK M+1 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK N+1 ─────────────────────────────▶
      240.000 ms                                                          CLOSED
                                                                          撤销 TCB
       240.220 s  CLOSED                等待 2MSL = 240 s 结束
                  撤销 TCB

      J = 2153031375, M = J+7, K = 797863110, N = K+19
      传送 6 字节，双向共 11 个报文段，其中重传 0 个，丢失 0 个
      两端内容一致：SHA-256 5891b5b522d5df08..."
    `);
  });

  test('relative, English', async () => {
    expect(await tiny('relative', 'en')).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN seq=0 ───────────────────────────▶
       20.000 ms                                                          TCB created
                               ◀───────────────── SYN,ACK seq=0 ack=1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK seq=1 ack=1 ─────────────────────▶

      Data
                               ── PSH,ACK seq=1 ack=1 len=6 ───────────▶
       60.000 ms               ◀───────────────────── ACK seq=1 ack=7 ──  ESTABLISHED

      Four-way close
       80.000 ms  FIN-WAIT-1   ── FIN,ACK seq=7 ack=1 ─────────────────▶
      100.000 ms               ◀───────────────────── ACK seq=1 ack=8 ──  CLOSE-WAIT
      110.000 ms               ◀────────── PSH,ACK seq=1 ack=8 len=18 ──
      120.000 ms  FIN-WAIT-2    half-closed: the server may still send
      170.000 ms               ── ACK seq=8 ack=19 ────────────────────▶
      200.000 ms               ◀──────────────── FIN,ACK seq=19 ack=8 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK seq=8 ack=20 ────────────────────▶
      240.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.220 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      initial sequence numbers: client 2153031375, server 797863110
      6 octets in 11 segments, both ways; 0 resent, 0 lost
      the same at both ends: SHA-256 5891b5b522d5df08..."
    `);
  });

  test('relative, Chinese', async () => {
    expect(await tiny('relative', 'zh')).toMatchInlineSnapshot(`
      "      时间  客户端 10.0.0.1:50226                          服务器 10.0.0.2:12345

      三次握手（建立连接）
        0.000 ms  CLOSED                                                  LISTEN
                  创建 TCB
                  SYN-SENT     ── SYN seq=0 ───────────────────────────▶
       20.000 ms                                                          创建 TCB
                               ◀───────────────── SYN,ACK seq=0 ack=1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK seq=1 ack=1 ─────────────────────▶

      数据传送
                               ── PSH,ACK seq=1 ack=1 len=6 ───────────▶
       60.000 ms               ◀───────────────────── ACK seq=1 ack=7 ──  ESTABLISHED

      四次挥手（释放连接）
       80.000 ms  FIN-WAIT-1   ── FIN,ACK seq=7 ack=1 ─────────────────▶
      100.000 ms               ◀───────────────────── ACK seq=1 ack=8 ──  CLOSE-WAIT
      110.000 ms               ◀────────── PSH,ACK seq=1 ack=8 len=18 ──
      120.000 ms  FIN-WAIT-2        半关闭：服务器仍可继续发送数据
      170.000 ms               ── ACK seq=8 ack=19 ────────────────────▶
      200.000 ms               ◀──────────────── FIN,ACK seq=19 ack=8 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK seq=8 ack=20 ────────────────────▶
      240.000 ms                                                          CLOSED
                                                                          撤销 TCB
       240.220 s  CLOSED                等待 2MSL = 240 s 结束
                  撤销 TCB

      初始序号 ISN：客户端 2153031375，服务器 797863110
      传送 6 字节，双向共 11 个报文段，其中重传 0 个，丢失 0 个
      两端内容一致：SHA-256 5891b5b522d5df08..."
    `);
  });

  test('raw, English', async () => {
    expect(await tiny('raw', 'en')).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN seq=2153031375 ──────────────────▶
       20.000 ms                                                          TCB created
                               ◀ SYN,ACK seq=797863110 ack=2153031376 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK seq=2153031376 ack=797863111 ────▶

      Data
                               ── ACK 2153031376(6) ack=797863111 ─────▶
       60.000 ms               ◀──── ACK seq=797863111 ack=2153031382 ──  ESTABLISHED

      Four-way close
       80.000 ms  FIN-WAIT-1   ── FIN,ACK seq=2153031382 ack=797863111 ▶
      100.000 ms               ◀──── ACK seq=797863111 ack=2153031383 ──  CLOSE-WAIT
      110.000 ms               ◀──── ACK 797863111(18) ack=2153031383 ──
      120.000 ms  FIN-WAIT-2    half-closed: the server may still send
      170.000 ms               ── ACK seq=2153031383 ack=797863129 ────▶
      200.000 ms               ◀ FIN,ACK seq=797863129 ack=2153031383 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK seq=2153031383 ack=797863130 ────▶
      240.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.220 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      6 octets in 11 segments, both ways; 0 resent, 0 lost
      the same at both ends: SHA-256 5891b5b522d5df08..."
    `);
  });

  test('raw, Chinese', async () => {
    expect(await tiny('raw', 'zh')).toMatchInlineSnapshot(`
      "      时间  客户端 10.0.0.1:50226                          服务器 10.0.0.2:12345

      三次握手（建立连接）
        0.000 ms  CLOSED                                                  LISTEN
                  创建 TCB
                  SYN-SENT     ── SYN seq=2153031375 ──────────────────▶
       20.000 ms                                                          创建 TCB
                               ◀ SYN,ACK seq=797863110 ack=2153031376 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK seq=2153031376 ack=797863111 ────▶

      数据传送
                               ── ACK 2153031376(6) ack=797863111 ─────▶
       60.000 ms               ◀──── ACK seq=797863111 ack=2153031382 ──  ESTABLISHED

      四次挥手（释放连接）
       80.000 ms  FIN-WAIT-1   ── FIN,ACK seq=2153031382 ack=797863111 ▶
      100.000 ms               ◀──── ACK seq=797863111 ack=2153031383 ──  CLOSE-WAIT
      110.000 ms               ◀──── ACK 797863111(18) ack=2153031383 ──
      120.000 ms  FIN-WAIT-2        半关闭：服务器仍可继续发送数据
      170.000 ms               ── ACK seq=2153031383 ack=797863129 ────▶
      200.000 ms               ◀ FIN,ACK seq=797863129 ack=2153031383 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK seq=2153031383 ack=797863130 ────▶
      240.000 ms                                                          CLOSED
                                                                          撤销 TCB
       240.220 s  CLOSED                等待 2MSL = 240 s 结束
                  撤销 TCB

      传送 6 字节，双向共 11 个报文段，其中重传 0 个，丢失 0 个
      两端内容一致：SHA-256 5891b5b522d5df08..."
    `);
  });
});

describe('what goes wrong is shown', () => {
  test('a lost ACK of the handshake: the data after it bears an ACK too, and establishes', async () => {
    const run = await runOf('hello\n', { link: { fault: nth(3, 'drop') } });
    expect(drawing(run, 'textbook', plainLook(), textIn('en'))).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN=1, seq=x ────────────────────────▶
       20.000 ms                                                          TCB created
                               ◀──────── SYN=1, ACK=1, seq=y, ack=x+1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK=1, seq=x+1, ack=y+1 ──✕             lost

      Data
                               ── ACK=1, seq=x+1, ack=y+1, 6 octets ───▶
       60.000 ms               ◀───────────── ACK=1, seq=y+1, ack=x+7 ──  ESTABLISHED

      Four-way close
       80.000 ms  FIN-WAIT-1   ── FIN=1, ACK=1, seq=u, ack=v ──────────▶
      100.000 ms               ◀─────────────── ACK=1, seq=v, ack=u+1 ──  CLOSE-WAIT
      110.000 ms               ◀──── ACK=1, seq=v, ack=u+1, 18 octets ──
      120.000 ms  FIN-WAIT-2    half-closed: the server may still send
      170.000 ms               ── ACK=1, seq=u+1, ack=w ───────────────▶
      200.000 ms               ◀──────── FIN=1, ACK=1, seq=w, ack=u+1 ──  LAST-ACK
      220.000 ms  TIME-WAIT    ── ACK=1, seq=u+1, ack=w+1 ─────────────▶
      240.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.220 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      x = 2153031375, u = x+7, y = 797863110, v = y+1, w = v+18
      6 octets in 11 segments, both ways; 0 resent, 1 lost
      the same at both ends: SHA-256 5891b5b522d5df08..."
    `);
  });

  test('a packet with a wrong bit, and one that comes twice', async () => {
    const corrupt = await runOf('hello\n', { link: { fault: nth(4, 'corrupt') } });
    expect(drawing(corrupt, 'textbook', plainLook({ ascii: true }), textIn('zh'))).toMatch(
      /-- ACK=1, seq=x\+1, ack=y\+1, 6 字节 -*X +校验和出错\n/,
    );
    const twice = await runOf('hello\n', { link: { fault: nth(4, 'duplicate') } });
    expect(drawing(twice, 'textbook', plainLook(), textIn('en'))).toMatch(/6 octets ─+▶ {2}comes twice\n/);
  });

  test('nobody answers: seven SYNs more, and CLOSED', async () => {
    const run = await runOf('hello\n', { link: { loss: 1 } });
    const lines = drawing(run, 'textbook', plainLook(), textIn('en'));
    expect(lines.match(/RTO: resent.*SYN=1, seq=x.*✕ +lost/g)).toHaveLength(7);
    expect(lines).toMatch(/ 183\.000 s {2}CLOSED\n/);
    expect(lines).not.toContain('the same at both ends');
    expect(run.failure?.code).toBe('ETIMEDOUT');
  });
});

describe('a long transfer', () => {
  test('is folded: the first and the last segment stand, and all octets are counted', async () => {
    const lines = drawing(await runOf(60_000), 'relative', plainLook(), textIn('en'));
    expect(lines).toMatchInlineSnapshot(`
      "      time  client 10.0.0.1:50226                          server 10.0.0.2:12345

      Three-way handshake
        0.000 ms  CLOSED                                                  LISTEN
                  TCB created
                  SYN-SENT     ── SYN seq=0 ───────────────────────────▶
       20.000 ms                                                          TCB created
                               ◀───────────────── SYN,ACK seq=0 ack=1 ──  SYN-RECEIVED
       40.000 ms  ESTABLISHED  ── ACK seq=1 ack=1 ─────────────────────▶

      Data
                               ── ACK seq=1 ack=1 len=1448 ────────────▶
                                     ⋯ 9 segments, 13,032 octets ⋯
       60.000 ms               ◀───────────────── ACK seq=1 ack=14481 ──  ESTABLISHED
       80.000 ms                 ⋯ 32 segments, 45,520 octets, 3 ACKs ⋯
      260.000 ms               ◀───────────────── ACK seq=1 ack=60001 ──

      Four-way close
      280.000 ms  FIN-WAIT-1   ── FIN,ACK seq=60001 ack=1 ─────────────▶
      300.000 ms               ◀───────────────── ACK seq=1 ack=60002 ──  CLOSE-WAIT
      310.000 ms               ◀────── PSH,ACK seq=1 ack=60002 len=22 ──
      320.000 ms  FIN-WAIT-2    half-closed: the server may still send
      370.000 ms               ── ACK seq=60002 ack=23 ────────────────▶
      400.000 ms               ◀──────────── FIN,ACK seq=23 ack=60002 ──  LAST-ACK
      420.000 ms  TIME-WAIT    ── ACK seq=60002 ack=24 ────────────────▶
      440.000 ms                                                          CLOSED
                                                                          TCB deleted
       240.420 s  CLOSED                 2MSL = 240 s are over
                  TCB deleted

      initial sequence numbers: client 2153031375, server 797863110
      60,000 octets in 56 segments, both ways; 0 resent, 0 lost
      the same at both ends: SHA-256 872b9505e78f859f..."
    `);
  });

  test('is not folded with -v, which shows windows and options', async () => {
    const run = await runOf(60_000);
    const lines = drawing(run, 'relative', plainLook({ verbose: true, width: 120 }), textIn('en')).split('\n');
    const arrows = lines.filter((line) => /[▶◀]/.test(line)).length;
    expect(arrows).toBe(run.recording.steps.filter((step) => step.kind === 'segment').length);
    expect(lines.filter((line) => /^ +win \d+ {2}\w/.test(line)).length).toBeGreaterThanOrEqual(arrows);
    expect(lines.find((line) => line.includes('sackOK'))).toContain('win 65535  mss 1460,sackOK,TS val');
  });

  test('shows every loss and every retransmission', async () => {
    const run = await runOf(200_000, { link: { loss: 0.03 } });
    const segments = run.recording.steps.filter((step) => step.kind === 'segment');
    const lines = drawing(run, 'textbook', plainLook({ width: 100 }), textIn('en')).split('\n');
    const lost = segments.filter((step) => step.dropped !== null).length;
    expect(lost).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes('✕'))).toHaveLength(lost);
    expect(lines.filter((line) => /resent|tail probe/.test(line) && /[▶◀✕]/.test(line))).toHaveLength(
      segments.filter((step) => step.again !== null).length,
    );
  });
});

describe('columns', () => {
  test.each([72, 80, 120])('no line is wider than %i', async (width) => {
    const run = await runOf(100_000, { link: { loss: 0.05, duplicate: 0.05, corrupt: 0.02, reorder: 0.05 } });
    for (const mode of ['textbook', 'jk', 'relative', 'raw'] as const) {
      for (const language of ['en', 'zh'] as const) {
        for (const verbose of [false, true]) {
          const lines = drawing(run, mode, plainLook({ width, verbose }), textIn(language)).split('\n');
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  test('--ascii leaves ASCII alone', async () => {
    const run = await runOf(60_000, { link: { loss: 0.05 } });
    const ladder = drawing(run, 'textbook', plainLook({ ascii: true }), textIn('en'));
    expect(ladder).toMatch(/^[\x20-\x7e\n]*$/);
    expect(ladder).toContain('>');
  });

  test('a Chinese character takes two', () => {
    expect(widthOf('重传')).toBe(4);
    expect(padEnd('重传', 6)).toBe('重传  ');
    expect(padStart('重传', 6)).toBe('  重传');
    expect(center('ab', 6)).toBe('  ab  ');
    expect(cut('三次握手', 7, '…')).toBe('三次握…');
    expect(cut('三次握手', 6, '…')).toBe('三次…');
    expect(cut('三次握手', 8, '…')).toBe('三次握手');
  });
});

/** A script that does `fault` to the packet with that number on the cable, from 1. */
function nth<T>(which: number, fault: T): () => T | null {
  let count = 0;
  return () => (++count === which ? fault : null);
}
