/** The page in Chromium: by keyboard, by click, by link; what it shows is what the stack did. Needs a build. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../../synwave/test/web/chromium.ts';
import { canCapture, captureLoopback, talk } from './loopback.ts';
import { LabPage, serve } from './page.ts';
import { hasTool } from './tools.ts';
import { walk } from './walk.ts';

const chromium = findChromium();
const hasTshark = hasTool('tshark');

describe.skipIf(chromium === null)('the page', { timeout: 60_000 }, () => {
  let server: Server;
  let browser: Browser;
  let lab: LabPage;

  beforeAll(async () => {
    server = await serve();
    browser = await launch(chromium ?? '');
    lab = await LabPage.open(browser, server);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test.each([
    ['handshake', null, 'zh'],
    ['close-four', 'server-first', 'en'],
    ['third-ack-lost', null, 'zh'],
  ] as const)(
    '%s (%s, %s): every step by keyboard alone, states and labels as the stack has them',
    async (id, variant, lang) => {
      await walk(lab, id, variant, lang);
      expect(lab.complaints).toEqual([]);
    },
  );

  test('Shift and an arrow go to the next change of a state, PageDown to the next explained step', async () => {
    await lab.show('s=third-ack-lost&lang=en&t=0');
    await lab.press('Shift+ArrowRight');
    expect(await lab.states()).toEqual(['SYN-SENT', 'LISTEN']);
    await lab.press('PageDown', 'PageDown');
    expect(await lab.text('.packet.lost .label')).toMatch(/lost/);
    await lab.press('End');
    const [at, all] = await lab.counter();
    expect(at).toBe(all);
    await lab.press('Home');
    expect(await lab.counter()).toEqual([0, all]);
  });

  test('T changes the labels, / finds a scenario, ? tells the keys', async () => {
    await lab.show('s=third-ack-lost&lang=en&labels=textbook&t=3');
    expect(await lab.texts('.packet .label')).toContain('SYN=1, seq=x');
    await lab.press('t');
    expect(await lab.texts('.packet .label')).toContain('SYN J');
    await lab.press('t');
    expect(await lab.texts('.packet .label')).toContain('SYN seq=0');
    await lab.press('/');
    await lab.page.keyboard.type('simultaneous open');
    await lab.press('Enter');
    await lab.page.waitForFunction(() => location.hash.includes('s=sim-open'));
    await lab.press('?');
    expect(await lab.text('dialog')).toContain('Space');
    await lab.press('Escape');
    expect(await lab.page.$('dialog')).toBeNull();
  });

  test('a segment is dropped by a click: history goes another way from there, and can be taken back', async () => {
    await lab.show('s=handshake&lang=en&labels=textbook&t=2');
    const whole = await lab.counter();
    await lab.choose(0, /Drop/);
    expect(await lab.text('.packet[data-packet="0"] .label')).toMatch(/SYN=1, seq=x\s*lost/);
    await lab.press('ArrowRight');
    expect(await lab.text('.packet[data-packet="1"] .label')).toMatch(/SYN=1, seq=x\s*again/);
    await lab.page.getByRole('button', { name: 'Back to the script' }).click();
    await lab.page.waitForSelector('.notice.changed', { state: 'detached' });
    expect((await lab.counter())[1]).toBe(whole[1]);
  });

  test('a segment is doubled, and held up, by a click', async () => {
    await lab.show('s=handshake&lang=en&labels=textbook&t=3');
    await lab.choose(1, /Duplicate/);
    await lab.press('End');
    expect(await lab.page.$$('.packet.copy')).toHaveLength(1);
    await lab.show('s=handshake&lang=en&labels=textbook&t=3');
    await lab.choose(1, /Delay/);
    await lab.press('End');
    expect(await lab.text('.changes')).toMatch(/#2 Delay by 60 ms/);
  });

  test('back to the past, and another future: the cable is unplugged before the SYN', async () => {
    await lab.show('s=handshake&lang=en&labels=textbook&t=99');
    expect(await lab.states()).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    await lab.press('Home', 'ArrowRight');
    await lab.page.click('.card.left [data-do="unplug"]');
    await lab.page.waitForSelector('.notice.changed');
    await lab.press('End');
    expect(await lab.page.$$('.packet.lost')).not.toHaveLength(0);
    // Nobody answers: the client gives up in the end.
    expect(await lab.states()).toEqual(['CLOSED', 'LISTEN']);
  });

  test('a link shows others the same run, with what was done to it, at the same point', async () => {
    await lab.show('s=third-ack-lost&lang=zh&labels=textbook&t=3');
    await lab.choose(1, /丢弃/);
    await lab.press('ArrowRight', 'ArrowRight', 'ArrowRight');
    const before = [await lab.counter(), await lab.states(), await lab.texts('.packet .label')];
    const [at] = await lab.counter();
    await lab.page.waitForFunction((t) => location.hash.includes(`&t=${t}&`), at);
    const hash = new URL(lab.page.url()).hash.slice(1);
    await lab.show(hash);
    expect([await lab.counter(), await lab.states(), await lab.texts('.packet .label')]).toEqual(before);
  });

  test.skipIf(!hasTshark)('the capture is read by tshark, and its numbers are those on the arrows', async () => {
    await lab.show('s=close-four&lang=en&labels=raw&t=99');
    await lab.page.setViewportSize({ width: 1366, height: 2400 });
    const [saved] = await Promise.all([
      lab.page.waitForEvent('download'),
      lab.page.click('.top .icon[data-do="download"]'),
    ]);
    const path = await saved.path();
    expect(readFileSync(path).length).toBeGreaterThan(500);
    const fields = ['tcp.seq_raw', 'tcp.ack_raw', 'tcp.len'].flatMap((field) => ['-e', field]);
    const read = execFileSync('tshark', ['-r', path, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const numbers = read
      .trim()
      .split('\n')
      .map((line) => line.split('\t').map(Number));
    const labels = await lab.sentences();
    expect(labels).toHaveLength(numbers.length);
    for (const [i, label] of labels.entries()) {
      const [seq, ack, length] = numbers[i] ?? [];
      expect(Number(/seq=(\d+)/.exec(label)?.[1])).toBe(seq);
      expect(Number(/ack=(\d+)/.exec(label)?.[1] ?? 0)).toBe(ack);
      expect(Number(/len=(\d+)/.exec(label)?.[1] ?? 0)).toBe(length);
    }
    await lab.page.setViewportSize({ width: 1366, height: 768 });
  });

  test.skipIf(!canCapture)(
    'a capture made by tcpdump on the kernel is opened: flat arrows, inferred states, its own octets',
    async () => {
      await lab.show('s=handshake&lang=en&labels=raw&t=0');
      const octets = await captureLoopback((port) => talk(port, 5_000));
      await lab.openFile('lo.pcap', octets);
      await lab.page.waitForSelector('.from-capture');
      expect(await lab.states()).toEqual(['TIME-WAIT', 'CLOSED']);
      expect(await lab.texts('.card .inferred')).toEqual(['inferred', 'inferred']);
      const lines = await lab.page.$$eval('.packet .shaft', (all) =>
        all.map((line) => line.getAttribute('y1') === line.getAttribute('y2')),
      );
      expect(lines.length).toBeGreaterThan(8);
      expect(lines).not.toContain(false);
      expect(await lab.violations()).toEqual([]);
      expect(lab.complaints).toEqual([]);
      // The browser's own way back leads to the scenario.
      await lab.page.goBack();
      await lab.page.waitForSelector('.from-capture', { state: 'detached' });
    },
  );

  test('a file that is no capture gets a clear line', async () => {
    await lab.show('s=handshake&lang=en&t=0');
    await lab.openFile('letter.txt', new TextEncoder().encode('dear reader'));
    await lab.page.waitForSelector('[role=alert]');
    expect(await lab.text('[role=alert]')).toContain('letter.txt: not a capture that can be read');
  });

  test.each([
    [1366, 768],
    [1920, 1080],
    [360, 740],
  ])('axe finds nothing at %i x %i, in light and dark', async (width, height) => {
    await lab.page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await lab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await lab.show('s=third-ack-lost&lang=zh&t=7');
      expect(await lab.violations(), colorScheme).toEqual([]);
    }
    await lab.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await lab.page.setViewportSize({ width: 1366, height: 768 });
  });
});
