/** A page looks the same whichever pages were opened before it: it brings the styles that it needs, and changes no other page. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { PAGES } from '../../src/console/pages.ts';
import { browserTest, setGround, type Ground } from './ground.ts';
import { setScene, type Scene } from './scene.ts';

const BUILT = new URL('../../src/console/dist/console/', import.meta.url);

let ground: Ground;
let scene: Scene;
let sheets: readonly string[];

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota', EGRESS_ADDRESSES: '192.0.2.1' });
  scene = await setScene(ground);
  sheets = (await readdir(BUILT)).filter((name) => name.endsWith('.css')).map((name) => `/console/${name}`);
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await ground?.[Symbol.asyncDispose]();
});

for (const { path, scope } of PAGES) {
  browserTest(`${path} looks the same after all other pages were opened`, async () => {
    const isPlatform = scope === 'PLATFORM_ADMIN' || scope === 'EVENTS_ERASE';
    const apiKey = isPlatform ? ground.product.platform.apiKey : scene.tenant.apiKey;
    for (const width of [1_280, 360]) {
      await using visit = await ground.visit(scene.addressOf(path), { apiKey, width });
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => visit.page.getByLabel('Loading').count()).toBe(0);
      await expect.poll(() => visit.page.locator('.connection:not([data-state="live"])').count()).toBe(0);
      expect(sheets.length).toBeGreaterThan(5);
      expect(await visit.page.evaluate(changesWith, sheets)).toEqual([]);
    }
  });
}

/** In the page: what changes when it gets all other style sheets of the console too. */
async function changesWith(sheets: readonly string[]): Promise<string[]> {
  // What depends on the length of a text, such as the width of most elements, is left out: clocks run meanwhile.
  const names =
    `color background-color display position font-size font-weight text-align text-decoration-line white-space
    overflow-wrap overflow-x gap align-items flex-wrap list-style-type min-width max-width margin-top margin-bottom padding-top
    padding-right padding-bottom padding-left border-top-width border-right-width border-bottom-width border-left-width
    border-top-left-radius opacity`.split(/\s+/);
  const looks = (element: Element): Record<string, string> => {
    const style = getComputedStyle(element);
    const fixed = ['INPUT', 'SELECT'].includes(element.tagName) ? ['width'] : [];
    return Object.fromEntries([...names, ...fixed].map((name) => [name, style.getPropertyValue(name)]));
  };
  const before = [...document.body.querySelectorAll('*')].map((element) => ({ element, looks: looks(element) }));
  const loaded = new Set([...document.styleSheets].map(({ href }) => href && new URL(href).pathname));
  const others = sheets.filter((sheet) => !loaded.has(sheet));
  await Promise.all(
    others.map((href) => {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
      document.head.append(link);
      return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
    }),
  );
  return before.flatMap(({ element, looks: then }) => {
    if (!element.isConnected) return [];
    const now = looks(element);
    const changed = Object.keys(then).filter((name) => then[name] !== now[name]);
    return changed.map((name) => `${element.outerHTML.slice(0, 80)}: ${name} ${then[name]} → ${now[name]}`);
  });
}
