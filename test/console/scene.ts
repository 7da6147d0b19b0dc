/** An organization with something on every page: what each page is looked at with. */
import { startReceiver } from '../support/receiver.ts';
import type { Tenant } from '../support/tenant.ts';

export type Scene = Awaited<ReturnType<typeof setScene>>;

/** As names and addresses of customers are: longer than a narrow screen is wide, also where no blank divides them. */
const LONG_NAME = 'Ledger of the accounts department (production, eu-central-1_internal_load_balancer_number_seven)';

const BEGIN_REPLAY = `mutation ($input: CreateReplayInput!) {
  createReplay(input: $input) { replay { id } userErrors { field message } }
}`;

/** `product.tenant` gives the organization. */
export async function setScene({ product }: { readonly product: { tenant(): Promise<Tenant> } }) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(({ url }) => (url === '/broken' ? 500 : 200)));
  const tenant = await product.tenant();
  const good = await tenant.createTarget({
    url: new URL(`/webhooks/v2/tenants/${'3MmMpOL0e36oKpsqEaaSgd4sWUC'.repeat(3)}`, receiver.url).href,
    name: LONG_NAME,
    eventTypes: ['user.created'],
  });
  const broken = await tenant.createTarget({ url: new URL('/broken', receiver.url).href, name: 'Search' });
  const event = await tenant.publish('user.created', { id: '31Tgvv', name: 'Ada' });
  const idOf = (target: { id: string }): string =>
    event.deliveries.find((delivery: { target: { id: string } }) => delivery.target.id === target.id).id;
  const [deliveredId, failedId] = [idOf(good), idOf(broken)];
  await tenant.reached(deliveredId, 'DELIVERED');
  await tenant.reached(failedId, 'RETRYING');
  const hourBefore = new Date(Date.parse(event.createdAt) - 3_600_000);
  const { replay } = await tenant.run(BEGIN_REPLAY, {
    input: {
      scope: { mode: 'ALL', targetId: good.id, createdAt: { gte: hourBefore, lt: event.createdAt } },
    },
  });
  const ids: Readonly<Record<string, string>> = {
    '/deliveries': failedId,
    '/events': event.id,
    '/targets': good.id,
    '/event-types': 'user.created',
    '/replays': replay.id,
  };
  const owned = stack.move();
  return {
    tenant,
    receiver,
    targetId: good.id as string,
    brokenTargetId: broken.id as string,
    eventId: event.id as string,
    deliveredId,
    failedId,
    /** The address of a page, with the ids of this scene in the place of its parameters. */
    addressOf: (path: string): string =>
      path.replace(/^(\/\w[\w-]*)\/:\w+/, (_, page: string) => `${page}/${ids[page]}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
