/** What holds for every page that pages.ts lists. */
import { afterAll, beforeAll, expect } from 'vitest';
import { PAGES } from '../../src/console/pages.ts';
import { browserTest, setGround, type Ground } from './ground.ts';
import { setScene, type Scene } from './scene.ts';

let ground: Ground;
let scene: Scene;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
  scene = await setScene(ground);
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await ground?.[Symbol.asyncDispose]();
});

/** The key of the platform for what only the platform sees, that of a customer for the rest. */
const keyFor = (scope: string | null): string =>
  scope === 'PLATFORM_ADMIN' || scope === 'EVENTS_ERASE' ? ground.product.platform.apiKey : scene.tenant.apiKey;

for (const { path, name, scope } of PAGES) {
  browserTest(
    `${path} has no finding of axe in either theme, no violation of its policy and no error, and fits 360 pixels without cutting words`,
    async () => {
      await using visit = await ground.visit(scene.addressOf(path), { apiKey: keyFor(scope), theme: 'light' });
      const { page } = visit;
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.getByLabel('Loading').count()).toBe(0);
      expect(await page.title()).toContain(name);
      expect(await visit.findings()).toEqual([]);
      // Both themes are the same page: its colours alone ask which one the reader prefers.
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await visit.findings()).toEqual([]);
      expect(visit.problems).toEqual([]);
      await page.setViewportSize({ width: 360, height: 800 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      // A plot is drawn anew for its width a moment after the page has it.
      await expect.poll(() => page.evaluate(cutParts)).toEqual([]);
    },
  );
}

/** In the page: what hides a part of its text, and does not end in an ellipsis. Code scrolls, as its lines mean something. */
function cutParts(): string[] {
  const mayScroll = 'pre, .hidden, thead, svg, input, select, textarea, .plot *';
  return [...document.body.querySelectorAll('*')]
    .filter((element) => {
      const { overflowX, textOverflow } = getComputedStyle(element);
      const isCut = overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
      return isCut && textOverflow !== 'ellipsis' && !element.closest(mayScroll);
    })
    .map((element) => `${element.className}: ${element.textContent.slice(0, 80)}`);
}

browserTest('a primary button that cannot be pressed does not look as if it could', async () => {
  await using visit = await ground.visit('/');
  const button = visit.page.getByRole('button', { name: 'Sign in' });
  const opacity = () => button.evaluate((element) => Number(getComputedStyle(element).opacity));
  expect(await opacity()).toBeLessThan(0.7);
  await visit.page.getByLabel('API key').fill('hk_1');
  expect(await opacity()).toBe(1);
});
