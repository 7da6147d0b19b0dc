import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A page with the search; what it asks about `acme` is withdrawn when `answer` is called. */
async function setup() {
  const tenant = await ground.product.tenant();
  await tenant.publish('user.created', {}, { customerId: 'acme' });
  await tenant.publish('user.created', {}, { customerId: 'globex' });
  const visit = await ground.visit('/deliveries', { apiKey: tenant.apiKey });
  const { page } = visit;
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const withdrawn = page.waitForEvent('requestfailed', (request) => (request.postData() ?? '').includes('"acme"'));
  await page.route('**/graphql', async (route) => {
    const text = route.request().postData() ?? '';
    if (text.includes('query FindEvents') && text.includes('"acme"')) {
      asked.resolve();
      await answer.promise;
    }
    await route.continue().catch(() => {}); // The page has withdrawn it.
  });
  const search = async (text: string): Promise<void> => {
    await page.getByRole('searchbox', { name: 'Search' }).fill(text);
    await page.keyboard.press('Enter');
  };
  return { visit, page, search, asked: asked.promise, answer: answer.resolve, withdrawn };
}

browserTest('an older search that is withdrawn late does not replace a newer one', async () => {
  const { visit, page, search, asked, answer, withdrawn } = await setup();
  await using _ = visit;
  await search('acme');
  await asked;
  await search('nobody');
  await page.getByText('Nothing has the id, the tag or the customer “nobody”').waitFor();
  answer();
  await withdrawn;
  expect(new URL(page.url()).pathname).toBe('/deliveries');
  await search('globex');
  await page.waitForURL(/events\?customerId=globex$/);
});

browserTest('what a search finds late takes nobody away who has gone elsewhere', async () => {
  const { visit, page, search, asked, answer, withdrawn } = await setup();
  await using _ = visit;
  await search('acme');
  await asked;
  await page.getByRole('navigation').getByRole('link', { name: 'Event types' }).click();
  await page.getByRole('heading', { level: 1, name: 'Event types' }).waitFor();
  answer();
  await withdrawn;
  expect(new URL(page.url()).pathname).toBe('/event-types');
});
