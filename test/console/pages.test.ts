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
    `${path} has no finding of axe in either theme, no violation of its policy and no error, and fits 360 pixels`,
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
    },
  );
}
