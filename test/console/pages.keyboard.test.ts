/** The console without a mouse: Tab, letters, Space, Enter and the arrows. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { browserTest, setGround, type Ground } from './ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** More steps than any page of this run has. */
const MAX_STEPS = 200;

/** Goes on with Tab until the element has the focus, as a person does; fails where it cannot be reached. */
async function tabTo(page: Page, element: Locator): Promise<void> {
  await element.waitFor();
  for (let step = 0; step < MAX_STEPS; step++) {
    if (await element.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${element} was not reached in ${MAX_STEPS} steps of Tab`);
}

async function press(page: Page, element: Locator): Promise<void> {
  await tabTo(page, element);
  const outline = await element.evaluate((node) => getComputedStyle(node).outlineStyle);
  expect(outline).not.toBe('none'); // The focus can be seen.
  await page.keyboard.press('Enter');
}

async function type(page: Page, element: Locator, text: string): Promise<void> {
  await tabTo(page, element);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

browserTest(
  'with the keyboard alone a target is created, an event fails there, its URL is mended, and the retry is delivered',
  { timeout: 400_000 },
  async () => {
    await using receiver = await startReceiver(({ url }) => (url === '/right' ? 200 : 404));
    /** Where the event went. The target hears of its own change too: `target.updated`. */
    const asked = () =>
      receiver.requests
        .filter(({ headers }) => headers['x-dakota-event-type'] === 'user.created')
        .map(({ url }) => url);
    const at = (path: string) => new URL(path, receiver.url).href;
    const tenant = await ground.product.tenant();
    await using visit = await ground.visit('/targets', { apiKey: tenant.apiKey });
    const { page } = visit;
    const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
    const link = (name: string): Locator => page.getByRole('link', { name, exact: true });

    await press(page, link('New target'));
    await type(page, page.getByLabel('URL'), at('/wrong'));
    await type(page, page.getByLabel('Name', { exact: true }), 'Ledger');
    await press(page, button('Create the target'));
    await press(page, link('I have stored it: go to the target'));

    await press(page, link('Events'));
    await press(page, link('Publish an event'));
    await tabTo(page, page.getByLabel('Event type'));
    await page.keyboard.type('user.created');
    await press(page, button('Publish'));
    await press(page, page.getByRole('link', { name: /Ledger/ }).first());
    await page.getByText('Retrying').first().waitFor();
    expect(asked()).toEqual(['/wrong']);

    await press(page, link('Targets'));
    await press(page, link('Ledger'));
    await press(page, link('Edit'));
    await type(page, page.getByLabel('URL'), at('/right'));
    await press(page, button('Save'));
    await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();

    await press(page, link('Deliveries'));
    await press(page, page.getByRole('link', { name: /user\.created/ }).first());
    await press(page, button('Retry now'));
    await page.getByText('Delivered').first().waitFor();
    expect(asked()).toEqual(['/wrong', '/right']);
    expect(visit.problems).toEqual([]);
  },
);
