/** The playground, the sliders below the ladder, the windows of programs; the page embedded, printed, touched. Needs a build. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { parseScenario, play } from 'synwave/sim';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../../synwave/test/web/chromium.ts';
import { LabPage, serve } from './page.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('what readers build and do', { timeout: 60_000 }, () => {
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

  /** The playground as it is found, with one of its views. */
  const build = async (tab: string, lang = 'en'): Promise<void> => {
    await lab.showEmpty(`s=playground&lang=${lang}`);
    await lab.page.click(`[data-tab=${tab}]`);
    await lab.page.waitForSelector(`.drawer-body[data-tab=${tab}] > *`);
  };

  /** Waits for the run that a change makes. */
  const changes = async (act: () => Promise<unknown>): Promise<void> => {
    const before = lab.page.url();
    await act();
    await lab.page.waitForFunction((url) => location.href !== url, before);
  };

  const toEnd = async (): Promise<void> => {
    await lab.page.click('.ladder-heads', { force: true });
    await lab.press('End');
  };

  test('six hosts at most; hosts in the middle forward; a link shows others the same', async () => {
    await build('build');
    const add = lab.page.getByRole('button', { name: '+ Add a host' });
    for (let i = 0; i < 4; i++) await changes(() => add.click());
    expect(await add.isDisabled()).toBe(true);
    expect(await lab.texts('.ladder-heads span')).toEqual([
      'client A',
      'server B',
      'host C',
      'host D',
      'host E',
      'host F',
    ]);
    await changes(() => lab.page.click('.card.left button:has-text("connect host F")'));
    await lab.press('End');
    // Nobody listens there: the SYN crosses five cables, and the RST comes back over five.
    await expect.poll(async () => (await lab.sentences()).at(-1)).toMatch(/server B sends RST/);
    expect((await lab.states())[0]).toBe('CLOSED');
    const before = [await lab.counter(), await lab.states(), await lab.texts('.ladder-heads span')];
    await lab.show(new URL(lab.page.url()).hash.slice(1));
    expect([await lab.counter(), await lab.states(), await lab.texts('.ladder-heads span')]).toEqual(before);
    expect(lab.complaints).toEqual([]);
  });

  test('hosts are joined and cut on the map, renamed, removed', async () => {
    await build('build');
    await changes(() => lab.page.getByRole('button', { name: '+ Add a host' }).click());
    const lines = (): Promise<number> => lab.page.$$eval('.map line', ({ length }) => length);
    expect(await lines()).toBe(2);
    await lab.page.click('[data-host=client]');
    await changes(() => lab.page.click('[data-host=c]'));
    expect(await lines()).toBe(3);
    await lab.page.click('[data-host=client]');
    await changes(() => lab.page.click('[data-host=server]'));
    expect(await lines()).toBe(2);
    await changes(async () => {
      await lab.page.fill('.line input[type=text]', '网关');
      await lab.page.press('.line input[type=text]', 'Enter');
    });
    expect(await lab.texts('.ladder-heads span')).toContain('网关');
    await changes(() => lab.page.getByRole('button', { name: 'Remove 网关' }).click());
    expect(await lab.texts('.ladder-heads span')).toEqual(['client A', 'host C']);
  });

  test('settings of TCP: with an MSL of 1 s, TIME-WAIT ends after 2 s; the run leaves as a file that plays the same', async () => {
    await build('build');
    await changes(() => lab.page.selectOption('[data-setting=app]', 'file'));
    await changes(() => lab.page.selectOption('[data-setting=msl]', '1 s'));
    await changes(() => lab.page.selectOption('[data-setting=congestion]', 'reno'));
    await changes(() => lab.page.selectOption('[data-setting=noDelay]', 'true'));
    await changes(() => lab.page.click('.card.left [data-do=connect]'));
    await lab.press('End');
    await changes(() => lab.page.click('.card.left [data-do=close]'));
    await lab.press('End');
    await lab.page.click('.links summary');
    await lab.press('Home');
    await changes(async () => {
      await lab.page.focus('[data-impairment=jitter]');
      await lab.press('ArrowRight');
    });
    const [saved] = await Promise.all([lab.page.waitForEvent('download'), lab.page.click('[data-do=save-scenario]')]);
    const file: unknown = JSON.parse(readFileSync(await saved.path(), 'utf8'));
    expect(file).toMatchObject({ config: { msl: '1 s', congestion: 'reno', noDelay: true } });
    const run = play(parseScenario(file));
    run.finish();
    await toEnd();
    expect((await lab.counter())[1]).toBe(run.moments.length);
    await lab.page.click('.links summary');
  });

  test('a file that was saved is opened again; what is no scenario is told on one line', async () => {
    await build('build');
    const name = '.file-button input';
    const hosts = [
      { name: 'a', title: { zh: '甲', en: 'first' } },
      { name: 'b', title: { zh: '乙', en: 'second' } },
    ];
    const text = JSON.stringify({
      hosts,
      links: [{ between: ['a', 'b'], delay: '5 ms' }],
      script: [{ who: 'b', do: 'listen' }],
    });
    const open = (content: string): Promise<void> =>
      lab.page.setInputFiles(name, { name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(content) });
    await changes(() => open(text));
    expect(await lab.texts('.ladder-heads span')).toEqual(['first', 'second']);
    await open('{"hosts": 3}');
    await lab.page.waitForSelector('.notice.bad');
    expect(await lab.text('.notice.bad')).toContain('mine.json: This is no scenario file');
    await open(text.replace('"listen"', '"sing"'));
    await lab.page.waitForFunction(() => document.querySelector('.notice.bad')?.textContent?.includes('script[0].do'));
  });

  test('a slider below the ladder changes the cable from that moment on', async () => {
    await lab.show('s=handshake&lang=en&labels=textbook&t=1');
    await lab.page.click('.links summary');
    await lab.page.focus('[data-impairment=loss]');
    await lab.press('End');
    await lab.page.waitForSelector('.notice.changed');
    expect(await lab.text('.changes')).toMatch(/client A: Link loss 100%/);
    expect(await lab.text('.links-now')).toContain('loss 100%');
    await toEnd();
    expect(await lab.states()).toEqual(['CLOSED', 'LISTEN']);
    await lab.press('Home');
    expect(await lab.text('.links-now')).not.toContain('loss');
    await lab.page.click('.links summary');
  });

  test('a page is fetched over the stack, and shown as far as it has come', async () => {
    await build('web');
    await changes(() => lab.page.click('[data-do=serve]'));
    await toEnd();
    await lab.page.fill('.web-bar input', '/long');
    await changes(() => lab.page.click('[data-do=get]'));
    // What was asked for begins to play by itself: the end is gone to until it stays there.
    const state = async (): Promise<string> => {
      await toEnd();
      return lab.text('.web-state');
    };
    await expect.poll(state, { timeout: 5000 }).toMatch(/^200 OK · \d+ octets$/);
    expect(await lab.text('.web pre')).toContain('GET /long HTTP/1.1');
    expect(await lab.page.getAttribute('.web iframe', 'sandbox')).toBe('');
    expect(await lab.page.frameLocator('.web iframe').locator('li').count()).toBe(400);
    const [at] = await lab.counter();
    for (let i = at; i > 0; i--) {
      await lab.press('ArrowLeft');
      if (/of \d+ octets/.test(await lab.text('.web-state'))) break;
    }
    expect(await lab.text('.web-state')).toMatch(/^\d+ of \d+ octets have come$/);
    expect(lab.complaints).toEqual([]);
  });

  test('a remote command in the terminal; what stands there are the octets of the segments', async () => {
    await build('build', 'zh');
    await changes(() => lab.page.selectOption('[data-setting=app]', 'shell'));
    await lab.page.click('[data-tab=terminal]');
    await changes(() => lab.page.click('[data-do=talk]'));
    await toEnd();
    await changes(async () => {
      await lab.page.fill('.terminal-prompt input', 'echo 你好');
      await lab.press('Enter');
    });
    await toEnd();
    expect(await lab.texts('.terminal-lines pre')).toEqual(['echo 你好', '你好']);
    expect(await lab.texts('.terminal-lines .write')).toHaveLength(1);
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing in build, web, terminal, the sliders, in %s',
    async (colorScheme) => {
      await lab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await build('build');
      await lab.page.click('.links summary');
      for (const tab of ['build', 'web', 'terminal']) {
        await lab.page.click(`[data-tab=${tab}][aria-expanded=false]`, { timeout: 500 }).catch(() => undefined);
        await lab.page.waitForSelector(`.drawer-body[data-tab=${tab}] > *`);
        expect(await lab.violations(), tab).toEqual([]);
      }
      await lab.show('s=third-ack-lost&lang=zh&t=7', '?embed=1');
      expect(await lab.violations(), 'embedded').toEqual([]);
      await lab.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    },
  );

  test('embedded: ladder, states, explanation, tape, and the way to the whole page; the history around it stays as it is', async () => {
    await lab.page.setViewportSize({ width: 720, height: 480 });
    await lab.show('s=third-ack-lost&lang=en&t=3', '?embed=1');
    expect(await lab.page.$('.drawer, .top, .links')).toBeNull();
    expect(await lab.texts('.chips-bar .pill')).toHaveLength(2);
    const before = await lab.page.evaluate(() => history.length);
    await lab.choose(1, /Drop/);
    expect(await lab.page.evaluate(() => history.length)).toBe(before);
    await lab.page.focus('.embed-bar a');
    const link = new URL((await lab.page.getAttribute('.embed-bar a', 'href')) ?? '');
    expect([link.search, link.hash]).toEqual(['', new URL(lab.page.url()).hash]);
    const isCut = await lab.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(isCut).toBe(false);
    await lab.page.setViewportSize({ width: 1366, height: 768 });
  });

  test('the code of a frame is copied, and shows the same run', async () => {
    await lab.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await lab.show('s=close-four&lang=en&t=5');
    await lab.page.click('.settings summary');
    await lab.page.click('[data-do=frame]');
    await lab.page.waitForSelector('.toast.shown');
    const code = await lab.page.evaluate(() => navigator.clipboard.readText());
    expect(code).toMatch(/^<iframe src="http:\/\/127\.0\.0\.1:\d+\/\?embed=1#s=close-four&amp;t=5&amp;lang=en/);
    expect(code).toContain('title="The four-way close"');
  });

  test.each(['close-four', 'congestion'])('%s prints as one page of A4', async (id) => {
    await lab.show(`s=${id}&lang=zh&t=3`);
    await lab.page.waitForTimeout(1200); // the sheet is loaded when the page is idle
    const pdf = await lab.page.pdf({ preferCSSPageSize: true, printBackground: true });
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    expect(pdf.length).toBeGreaterThan(20_000);
    await lab.page.waitForSelector('.print-page', { state: 'detached' });
  });

  test('on a phone: a finger that stays on an arrow opens its menu; nothing is wider than the screen', async () => {
    await lab.page.setViewportSize({ width: 360, height: 740 });
    await lab.show('s=handshake&lang=zh&t=3');
    const touch = { pointerType: 'touch', bubbles: true };
    await lab.page.dispatchEvent('.packet[data-packet="0"]', 'pointerdown', touch);
    await lab.page.waitForSelector('.menu');
    await lab.page.dispatchEvent('.packet[data-packet="0"]', 'pointerup', touch);
    await lab.press('Escape');
    await lab.page.dispatchEvent('.packet[data-packet="1"]', 'pointerdown', touch);
    await lab.page.dispatchEvent('.packet[data-packet="1"]', 'pointercancel', touch); // it scrolls
    await lab.page.waitForTimeout(700);
    expect(await lab.page.$('.menu')).toBeNull();
    for (const tab of ['bytes', 'web', 'terminal']) {
      await lab.page.click(`[data-tab=${tab}]`);
      expect(await lab.page.evaluate(() => document.documentElement.scrollWidth), tab).toBeLessThanOrEqual(360);
    }
    await lab.page.setViewportSize({ width: 1366, height: 768 });
  });
});
