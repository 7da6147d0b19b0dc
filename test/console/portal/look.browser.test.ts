/** The look of the site around the portal holds for everything on its pages. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';

const CREATE = `mutation ($input: CreatePortalSessionInput!) {
  createPortalSession(input: $input) { token userErrors { message } }
}`;

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('with a radius of 0 no corner is round, but those of dots and of tags', async () => {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED', name: 'Ledger' });
  const event = await tenant.publish('user.created', {}, { tags: ['order:7'] });
  const { token } = await tenant.run(CREATE, {
    input: { scopes: ['TARGETS_WRITE', 'DELIVERIES_WRITE', 'EVENTS_READ'] },
  });
  const [delivery] = event.deliveries;
  for (const path of [
    '/targets/new',
    `/targets/${id}`,
    `/deliveries/${delivery.id}`,
    `/events/${event.id}`,
    '/replays/new',
  ]) {
    await using visit = await ground.visit(`/portal${path}?radius=0#token=${token}`);
    await visit.page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => visit.page.getByLabel('Loading').count()).toBe(0);
    expect([path, await visit.page.evaluate(roundParts)]).toEqual([path, []]);
  }
});

/** In the page. */
function roundParts(): string[] {
  const mayBeRound = '.tag, [data-colour], [type=radio], [type=checkbox]';
  return [...document.body.querySelectorAll('*')]
    .filter((element) => !element.matches(mayBeRound) && parseFloat(getComputedStyle(element).borderTopLeftRadius) > 0)
    .map((element) => element.outerHTML.slice(0, 80));
}
