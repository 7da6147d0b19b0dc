import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest(
  'a platform admin makes an organization, finds it, looks into it, and the banner says whose data it is',
  async () => {
    await using visit = await ground.visit('/organizations', { apiKey: ground.product.platform.apiKey });
    const { page } = visit;
    await page.getByRole('button', { name: 'New organization' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Zürich Bank');
    await page.getByRole('dialog').getByLabel('Your own id of it').fill('acct_77');
    await page.getByRole('button', { name: 'Create the organization' }).click();
    await page.getByLabel('Part of the name').fill('zürich');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('cell', { name: 'acct_77' }).waitFor();
    await page.getByRole('button', { name: 'Look into Zürich Bank' }).click();
    await page.getByText('You are looking at').waitFor();
    expect(await page.getByRole('status').getByText('Zürich Bank').count()).toBe(1);
    await page.goto(`${ground.origin}/keys`);
    await page.getByText('There are no API keys').waitFor(); // Those of the bank, not those of the platform.
    expect(await visit.findings()).toEqual([]);
    await page.getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('rowheader').first().waitFor();
    expect(await page.getByText('You are looking at').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  },
);
