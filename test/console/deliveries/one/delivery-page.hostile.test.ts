/** One delivery, where its receiver or its target means harm, and for somebody of another organization. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';
import { startReceiver } from '../../../support/receiver.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A delivery to a target with this name, whose receiver answers 500 and this body. */
async function setup({ name = 'Ledger', body = 'no' } = {}) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver({ status: 500, body }));
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: receiver.url, name, eventTypes: ['user.created'] });
  const { deliveries } = await tenant.publish('user.created');
  const deliveryId: string = deliveries[0].id;
  const visit = (width = 1_280, apiKey = tenant.apiKey) => ground.visit(`/deliveries/${deliveryId}`, { apiKey, width });
  const owned = stack.move();
  return { tenant, deliveryId, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

browserTest('a hostile answer and a hostile name are text, and move nothing at 360 pixels', async () => {
  const body = [
    '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script></pre></div>',
    'pay \u202Eevil\u202C \u2066x\u200B',
    '"\\ud800" \\udc00',
    'x'.repeat(12_000),
  ].join('\n');
  const name = '<img src=x onerror="window.hacked = 1"> \u202Egro.elpmaxe';
  await using stage = await setup({ body, name });
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  for (const width of [1_280, 360]) {
    await using visit = await stage.visit(width);
    const { page } = visit;
    const shown = page.getByLabel('Body received', { exact: true });
    await shown.waitFor();
    const text = await shown.textContent();
    expect(text).toContain('<script>window.hacked = 1</script></pre></div>');
    expect(text).toContain('pay ⟨U+202E⟩evil⟨U+202C⟩ ⟨U+2066⟩x⟨U+200B⟩');
    expect(text).toContain('x'.repeat(12_000));
    const heading = page.getByRole('heading', { level: 1 });
    expect(await heading.textContent()).toContain('<img src=x onerror="window.hacked = 1"> ⟨U+202E⟩gro.elpmaxe');
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await visit.findings()).toEqual([]);
    expect(visit.problems).toEqual([]);
  }
});

browserTest('a delivery of another organization is not there', async () => {
  await using stage = await setup();
  const other = await ground.product.tenant();
  await using visit = await stage.visit(1_280, other.apiKey);
  await visit.page.getByRole('heading', { name: 'There is no such delivery' }).waitFor();
});
