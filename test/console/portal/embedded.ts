/** The portal in the frame of a site, with the product behind it. */
import type { Page } from 'playwright-core';
import type { Tenant } from '../../support/tenant.ts';
import { setGround } from '../ground.ts';
import { startHostSite } from './host-site.ts';

type Visit = {
  /** Who has signed in at the site. Default: a new customer. */
  readonly tenant?: Tenant;
  /** Called before anything is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
};

export type Embedded = Awaited<ReturnType<typeof setEmbedded>>;

/** The site is the only one that PORTAL_ORIGINS names. */
export async function setEmbedded() {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await startHostSite());
  const ground = stack.use(await setGround({ PORTAL_ORIGINS: site.origin }));

  /** A customer before the site of their platform, with the portal in its frame. */
  async function visitSite({ tenant: given, prepare = async () => {} }: Visit = {}) {
    const tenant = given ?? (await ground.product.tenant());
    const customer = { service: ground.origin, apiKey: tenant.apiKey };
    site.signIn(customer);
    const visit = await ground.openAt(site.origin, prepare);
    await visit.page.evaluate('window.shown');
    const frame = (await (await visit.page.$('iframe'))!.contentFrame())!;
    return { ...visit, tenant, customer, frame, [Symbol.asyncDispose]: () => visit[Symbol.asyncDispose]() };
  }

  const owned = stack.move();
  return { site, ground, visitSite, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
