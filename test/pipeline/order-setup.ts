/** A pipeline with a target that wants order, and its receiver, which says what it got. */
import { encodeSecret } from '../../src/domain/signing/signature.ts';
import type { ReceiverAnswer } from '../support/receiver.ts';
import { setup as setupControl } from './control-setup.ts';

export type Ordering = { readonly ordering?: 'NONE' | 'KEY' | 'TARGET'; readonly afterFailure?: 'SKIP' | 'HOLD' };

export async function setup(
  order: Ordering = {},
  options: Parameters<typeof setupControl>[0] = {},
  answer: ReceiverAnswer = 200,
) {
  const t = await setupControl(options, answer);
  const { id: targetId } = await t.target(t.receiver.url, { ordering: 'TARGET', ...order });
  return {
    ...t,
    targetId,
    /** Publishes one event for each name, one after another, and returns their deliveries. */
    async publishInTurn(names: readonly string[], keyOf: (name: string) => string | undefined = () => undefined) {
      const ids: string[] = [];
      for (const name of names) {
        const orderingKey = keyOf(name);
        const { deliveryIds } = await t.publish(name, orderingKey === undefined ? {} : { orderingKey });
        ids.push(deliveryIds[0]!);
      }
      return ids;
    },
    /** Another organization, with a target at the same receiver. */
    async addNeighbour(ordering: Ordering['ordering']) {
      const { id: organizationId } = await t.fixtures.organization();
      const id = t.ids.next();
      const secret = Buffer.from(encodeSecret(t.clock.randomBytes(32)));
      const secrets = [{ sealed: t.seal.seal(secret, `target-secret:${organizationId}:${id}`) }];
      await t.target(t.receiver.url, { organizationId, id, secrets, ...(ordering && { ordering }) });
      const caller = { ...t.caller, organizationId };
      return {
        targetId: id,
        async publish(...names: string[]) {
          for (const data of names) {
            const published = await t.publisher.publish(caller, { eventType: 'user.created', data });
            if (!published.ok) throw new Error(JSON.stringify(published.userErrors));
          }
        },
      };
    },
    /** What the receiver got, in its order. */
    received: () => t.receiver.requests.map(({ body }) => (JSON.parse(String(body)) as { data: string }).data),
    /** "status" of a delivery, and "blocked" where it waits for others. */
    async states(ids: readonly string[]) {
      const found = await t.rows(
        `select d.id, d.status::text || case when d.ordered and d.job_id is null and not d.held
             and d.status in ('PENDING', 'RETRYING') then ' blocked' when d.held then ' held' else '' end as state
         from deliveries d where d.id = any($1)`,
        [ids],
      );
      const states = new Map(found.map(({ id, state }) => [id, state as string]));
      return ids.map((id) => states.get(id));
    },
    /** Open deliveries of chains that nobody sends and that wait for nobody. */
    orphans: () =>
      t.rows(
        `select o.delivery_id from ordered_deliveries o join deliveries d on d.id = o.delivery_id
         where d.job_id is null and not d.held and d.status in ('PENDING', 'RETRYING') and not exists (
           select from ordered_deliveries b where b.target_id = o.target_id and b.chain = o.chain and b.place < o.place)`,
      ),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
