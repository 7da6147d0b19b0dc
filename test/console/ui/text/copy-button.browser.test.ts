/** The button that copies, where the browser refuses its clipboard. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** In the page, before its scripts. `answer`: what the browser says to the old way of copying. */
function refuseClipboard(answer: boolean): void {
  const copied: string[] = [];
  Object.assign(window, { copied });
  navigator.clipboard.writeText = () => Promise.reject(new DOMException('No', 'NotAllowedError'));
  document.execCommand = () => {
    copied.push((document.activeElement as HTMLTextAreaElement).value);
    return answer;
  };
}

/** A page of a target, and its button that copies the id. */
async function openTarget(answer: boolean) {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED' });
  const visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  await visit.page.addInitScript(refuseClipboard, answer);
  await visit.page.goto(`${ground.origin}/targets/${id}`);
  const button = visit.page.locator('button.copy').first();
  await button.focus();
  await visit.page.keyboard.press('Enter');
  const copied = () => visit.page.evaluate(() => (window as unknown as { copied: string[] }).copied);
  return { visit, id: id as string, button, copied };
}

browserTest('without the clipboard the text is copied from a field, and the focus stays on the button', async () => {
  const { visit, id, button, copied } = await openTarget(true);
  await using _ = visit;
  await expect.poll(() => button.locator('[aria-hidden]').textContent()).toBe('✓');
  expect(await copied()).toEqual([id]);
  expect(await button.evaluate((node) => node === document.activeElement)).toBe(true);
  expect(await visit.page.locator('textarea').count()).toBe(0);
  expect(visit.problems).toEqual([]);
});

browserTest('where nothing is copied the button says so, and the text is selected to be copied by hand', async () => {
  const { visit, id, button } = await openTarget(false);
  await using _ = visit;
  const { page } = visit;
  const dialog = page.getByRole('dialog', { name: 'Not copied' });
  await dialog.waitFor();
  expect(await button.locator('[aria-hidden]').textContent()).toBe('Not copied');
  expect(await page.evaluate(() => String(getSelection()))).toBe(id);
  expect(await visit.findings()).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => button.evaluate((node) => node === document.activeElement)).toBe(true);
  expect(visit.problems).toEqual([]);
});

browserTest('Escape in the dialog of a text that was not copied leaves a secret on the screen', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.addInitScript(refuseClipboard, false);
  await page.goto(`${ground.origin}/keys`);
  await page.getByRole('button', { name: 'New API key' }).click();
  await page.getByLabel('Name').fill('CI');
  await page.getByRole('checkbox', { name: /EVENTS_READ/ }).check();
  await page.getByRole('button', { name: 'Create the API key' }).click();
  await page.getByText('Nobody can read it again').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: /^Copy/ }).click();
  const inner = page.getByRole('dialog', { name: 'Not copied' });
  await inner.waitFor();
  await page.keyboard.press('Escape');
  await inner.waitFor({ state: 'detached' });
  expect(await page.getByText('Nobody can read it again').count()).toBe(1);
});
