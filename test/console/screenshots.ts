/**
 * Takes pictures of every page of the console: light, dark, and on a narrow screen. `node test/console/screenshots.ts [folder]`
 * writes them as PNG files, to be looked at. Default: `console-pictures` in the temporary folder.
 */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGES } from '../../src/console/pages.ts';
import { openBrowser } from '../support/browser/browser.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { buildConsole } from '../support/run/build-console.ts';
import { API_KEY, startService } from '../support/service.ts';
import { createTenant } from '../support/tenant.ts';
import { setScene } from './scene.ts';

const VIEWS = [
  ['light', 1_280],
  ['dark', 1_280],
  ['light', 360],
] as const;

async function takePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await buildConsole();
  await using data = await createFolder('hookcast-pictures-');
  await using service = await startService({ DATABASE_URL: undefined, DATA_DIR: data.path });
  const tenant = await createTenant(service.origin, API_KEY);
  await using scene = await setScene({ product: { tenant: async () => tenant } });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.addInitScript((apiKey) => sessionStorage.setItem('hookcast.session', JSON.stringify({ apiKey })), API_KEY);
  for (const { path } of PAGES) {
    for (const [colorScheme, width] of VIEWS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${service.origin}${scene.addressOf(path)}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const name = `${path.slice(1).replaceAll(/[/:]+/g, '-')}-${width < 600 ? 'narrow' : colorScheme}.png`;
      await page.screenshot({ path: join(folder, name), fullPage: true });
      console.log(join(folder, name));
    }
  }
  await tenant.stop();
}

await takePictures(process.argv[2] ?? join(tmpdir(), 'console-pictures'));
