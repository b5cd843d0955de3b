/** Every scenario, with its variants, in both languages: each step by keyboard alone, as the stack has it. Needs a build. */
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../../synwave/test/web/chromium.ts';
import { LabPage, scenarioFiles, serve } from './page.ts';
import { walk } from './walk.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('every scenario', () => {
  let server: Server;
  let browser: Browser;
  let lab: LabPage;

  beforeAll(async () => {
    server = await serve();
    browser = await launch(chromium ?? '');
    lab = await LabPage.open(browser, server);
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const all = scenarioFiles().flatMap(({ id, variants = [] }) =>
    [null, ...variants.map((variant) => variant.id)].flatMap((variant) => [
      [id, variant, 'zh'] as const,
      [id, variant, 'en'] as const,
    ]),
  );

  test.each(all)('%s, %s, %s', async (id, variant, lang) => {
    await walk(lab, id, variant, lang);
    expect(lab.complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('axe finds nothing in any view of the drawer, in %s', async (colorScheme) => {
    await lab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await lab.show('s=third-ack-lost&lang=zh&t=7');
    for (const tab of await lab.texts('.drawer-tabs button')) {
      await lab.page.getByRole('button', { name: tab, exact: true }).click();
      expect(await lab.violations('.drawer'), tab).toEqual([]);
    }
  });
});
