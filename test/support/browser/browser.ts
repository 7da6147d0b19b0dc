/** A real browser, from npm: `@sparticuz/chromium` is a Chromium in an archive, `playwright-core` drives it. */
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type BrowserContext } from 'playwright-core';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const MODULES = new URL('../../../node_modules', import.meta.url).pathname;
const UNPACK = `import { default as chromium } from '@sparticuz/chromium'; await chromium.executablePath();`;

/**
 * Path of the browser, unpacked at the first use. The package itself unpacks to one path in the temporary folder and takes
 * whatever is there for a browser, half of one too. Here it unpacks into an empty folder, which gets its name when it is
 * complete: whoever sees the name sees a browser.
 */
export async function unpackChromium(cache = join(MODULES, '.cache')): Promise<string> {
  const directory = join(cache, `chromium-${await installedVersion()}`);
  const path = join(directory, 'chromium');
  if (await isThere(path)) return path;
  await mkdir(cache, { recursive: true });
  await using unfinished = await createFolder('chromium-unfinished-', cache);
  const env = { ...process.env, TMPDIR: unfinished.path };
  await runProcess(process.execPath, ['--input-type=module', '-e', UNPACK], { cwd: MODULES, env });
  // Where another test was faster, the name is taken by the same browser.
  await rename(unfinished.path, directory).catch(async (error) => {
    if (!(await isThere(path))) throw error;
  });
  return path;
}

async function installedVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const { version } = JSON.parse(await readFile(join(entry, '../../package.json'), 'utf8')) as { version: string };
  return version;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Why no browser runs on this machine; undefined: one does. */
export const explainMissingBrowser = (): Promise<string | undefined> =>
  unpackChromium()
    .then((path) => runProcess(path, ['--version', '--no-sandbox']))
    .then(
      () => undefined,
      (error: Error) => `the browser that npm brings does not run on this machine: ${error.message}`,
    );

export type Browser = AsyncDisposable & Pick<BrowserContext, 'newPage'>;

/** Its profile is in a guarded folder, so that the browser ends with this process. */
export async function openBrowser(): Promise<Browser> {
  await using stack = new AsyncDisposableStack();
  const profile = stack.use(await createFolder('hookcast-browser-'));
  const context = await playwright.launchPersistentContext(profile.path, {
    executablePath: await unpackChromium(),
    args: [...chromium.args, '--no-sandbox'],
    headless: true,
    locale: 'en-US', // A machine may have a locale that no page can use: en-US@posix.
  });
  stack.defer(() => context.close());
  const owned = stack.move();
  return { newPage: () => context.newPage(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
