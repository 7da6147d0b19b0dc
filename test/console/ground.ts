/**
 * The ground of the console's tests: the product with the console that these sources make, and a real browser before it. One for
 * a test file; each test makes tenants of its own, and opens pages of its own.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { explainMissingBrowser, openBrowser } from '../support/browser/browser.ts';
import { startProduct } from '../support/product.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Undefined: a browser runs on this machine. */
const noBrowser = await explainMissingBrowser();
if (noBrowser) console.warn(`The tests of the console in a browser are skipped, because ${noBrowser}`);

/** A test in a browser; skipped where there is none. */
export const browserTest = test.skipIf(noBrowser !== undefined);

export type Ground = Awaited<ReturnType<typeof setGround>>;

export type Visit = Awaited<ReturnType<Ground['visit']>>;

export type VisitOptions = {
  /** Signs in with it; undefined: the page asks for one. */
  readonly apiKey?: string;
  /** The organization that the API key of the platform looks into. */
  readonly organizationId?: string;
  readonly theme?: 'light' | 'dark';
  /** Pixels of the window. Default: 1280. */
  readonly width?: number;
  /** Notes the names that are read from storage, as `namesRead` of the window. */
  readonly isWatchingStorage?: boolean;
};

/** `environment` adds or overrides settings of the service. */
export async function setGround(environment: Environment = {}) {
  await using stack = new AsyncDisposableStack();
  const product = await startProduct(environment);
  stack.defer(() => product.stop());
  const origin = new URL(product.url).origin;
  const browser = stack.use(await openBrowser());

  /** A new tab at this address. `prepare` is called before anything is loaded. */
  async function openAt(url: string, prepare: (page: Page) => Promise<unknown> = async () => {}) {
    const page = await browser.newPage();
    const problems = watchProblems(page);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await prepare(page);
    await page.goto(url);
    return {
      page,
      /** Errors of the page and of its console, violations of its policy included: there must be none. */
      problems,
      /** What axe finds, one line a finding. */
      async findings(): Promise<string[]> {
        await page.evaluate(AXE);
        return page.evaluate(findWithAxe);
      },
      [Symbol.asyncDispose]: () => page.close(),
    };
  }

  /** A new tab at this address of the service, signed in. */
  const visit = (
    path: string,
    { apiKey, organizationId, theme = 'light', width = 1_280, isWatchingStorage }: VisitOptions = {},
  ) =>
    openAt(`${origin}${path}`, async (page) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      if (apiKey !== undefined) await page.addInitScript(signIn, { apiKey, organizationId });
      if (isWatchingStorage) await page.addInitScript(watchStorage);
    });

  const owned = stack.move();
  return { product, origin, browser, visit, openAt, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  return problems;
}

/** In the page: as if somebody had signed in in this tab before. */
function signIn(session: object): void {
  if (sessionStorage.getItem('hookcast.session') !== null || window.parent !== window) return; // A reload keeps what is there.
  sessionStorage.setItem('hookcast.session', JSON.stringify(session));
}

/** In the page. */
function watchStorage(): void {
  const names: string[] = [];
  const { getItem } = Storage.prototype;
  Storage.prototype.getItem = function (name) {
    names.push(name);
    return getItem.call(this, name);
  };
  Object.assign(window, { namesRead: names });
}

type Axe = {
  run: () => Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[] }>;
};

/** In the page. */
async function findWithAxe(): Promise<string[]> {
  const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
  );
}
