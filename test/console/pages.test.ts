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
  for (const theme of ['light', 'dark'] as const) {
    browserTest(
      `${path} has no finding of axe, no violation of its policy and no error, in the ${theme} theme`,
      async () => {
        await using visit = await ground.visit(scene.addressOf(path), { apiKey: keyFor(scope), theme });
        await visit.page.getByRole('heading', { level: 1 }).waitFor();
        await expect.poll(() => visit.page.getByLabel('Loading').count()).toBe(0);
        expect(await visit.page.title()).toContain(name);
        expect(await visit.findings()).toEqual([]);
        expect(visit.problems).toEqual([]);
      },
    );
  }

  browserTest(`${path} fits a screen of 360 pixels without scrolling sideways`, async () => {
    await using visit = await ground.visit(scene.addressOf(path), { apiKey: keyFor(scope), width: 360 });
    await visit.page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => visit.page.getByLabel('Loading').count()).toBe(0);
    const width = await visit.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
  });
}
