/** The demo as a newcomer meets it: the command of the README, the address that it prints, and a mouse. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Page } from 'playwright-core';
import { browserTest, watchProblems } from '../console/ground.ts';
import { openBrowser, type Browser } from '../support/browser/browser.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { QUICK_START, startProcess } from '../support/processes/start.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser?.[Symbol.asyncDispose]());

/** Runs until the demo says how to go on. Its port is a free one; everything else is what the README says. */
async function startDemo() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder('hookcast-demo-test-'));
  const child = startProcess('npm', ['run', 'demo', '--', '--port', '0'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: folder.path, ...QUICK_START },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    if (line.includes('press Ctrl-C to stop')) break;
  }
  const owned = stack.move();
  return {
    lines,
    address: lines.find((line) => line.includes('#key='))?.trim() ?? `none in ${lines.join('\n')}`,
    /** As Ctrl-C does: every process of the command gets the signal. Resolves with the exit code. */
    async interrupt(): Promise<unknown> {
      process.kill(-child.pid!, 'SIGINT');
      return (await closed)[0];
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Everything is pressed with a mouse; a page on which a key was pressed says so. */
const click = (page: Page, role: 'link' | 'button', name: string | RegExp) =>
  page.getByRole(role, { name }).first().click();

browserTest(
  'the demo opens on the console, where a delivery fails, is retried and succeeds, with a mouse only',
  { timeout: 180_000 },
  async () => {
    await using demo = await startDemo();
    const page = await browser.newPage();
    const problems = watchProblems(page);
    await page.addInitScript(countKeys);
    await page.goto(demo.address);
    await click(page, 'button', 'Sign in');
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();

    await page.getByRole('navigation').getByRole('link', { name: 'Events', exact: true }).click();
    await click(page, 'link', 'transaction.auto.updated');
    await click(page, 'link', 'Publish one like it');
    await expect.poll(() => page.getByLabel('Data').inputValue()).toContain('approved');
    await click(page, 'button', 'Publish');
    await page.getByRole('heading', { level: 2, name: /^Deliveries/ }).waitFor();
    await click(page, 'link', 'Demo /flaky');

    const timeline = page.getByRole('log');
    const answer = (number: number) => page.getByRole('region', { name: `Response of attempt ${number}` });
    await timeline.getByText('Attempt 1: failed (503). It is tried again.').waitFor();
    await answer(1).getByText('signature verified (Ed25519 and HMAC)').waitFor();
    await click(page, 'button', 'Retry now');
    await timeline.getByText('Retry by hand 2: delivered (200)').waitFor();
    await answer(2).getByText('signature verified (Ed25519 and HMAC)').waitFor();

    expect(await page.evaluate('window.keysPressed')).toBe(0);
    expect(problems).toEqual([]);
    expect(await demo.interrupt()).toBe(0);
  },
);

/** In the page. */
function countKeys(): void {
  let keysPressed = 0;
  window.addEventListener('keydown', () => keysPressed++, true);
  Object.defineProperty(window, 'keysPressed', { get: () => keysPressed });
}
