/** What the service disables by itself is in the audit log, in the transaction that disables it. */
import { expect, test } from 'vitest';
import { createPipeline } from '../../../support/pipeline.ts';
import { startReceiver } from '../../../support/receiver.ts';

const REFUSE = `
  create function refuse() returns trigger language plpgsql as $$ begin raise 'no room in the log'; end $$;
  create trigger refuse before insert on audit_log for each row execute function refuse()`;

/** A receiver that is gone, and a healthy one; each has a target. */
async function setup() {
  const errors: Error[] = [];
  const onError = (error: unknown) => void errors.push(error as Error);
  const t = await createPipeline({ onSettleError: onError, onDispatchError: onError });
  const [gone, healthy] = [await startReceiver(() => 410), await startReceiver()];
  const [{ id: goneId }, { id: healthyId }] = [await t.target(gone.url), await t.target(healthy.url)];
  return {
    ...t,
    errors,
    goneId,
    healthyId,
    entries: () => t.rows('select * from audit_log order by id'),
    statusOf: async (id: string) => (await t.rows('select status from webhook_targets where id = $1', [id]))[0].status,
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      await gone[Symbol.asyncDispose]();
      await healthy[Symbol.asyncDispose]();
    },
  };
}

test('a target that the service disables leaves one row: the service, and why', async () => {
  await using t = await setup();
  const made = await t.entries(); // The signing key of the setup.
  await t.publish();
  await t.publish();
  await t.runDue();
  expect(await t.statusOf(t.goneId)).toBe('DISABLED');
  const [{ disabled_reason: disabledReason }] = await t.rows(
    'select disabled_reason from webhook_targets where id = $1',
    [t.goneId],
  );
  expect((await t.entries()).slice(made.length)).toEqual([
    {
      id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      organization_id: t.organizationId,
      at: t.clock.now(),
      actor: 'SERVICE',
      api_key_id: null,
      api_key_name: null,
      api_key_organization_id: null,
      operation: 'disableFailingTarget',
      subject_type: 'WebhookTarget',
      subject_id: t.goneId,
      before: { status: 'ACTIVE', disabledReason: null },
      after: { status: 'DISABLED', disabledReason },
    },
  ]);
});

test('setting it ACTIVE again is a row of the person who does it, with the reason that ends', async () => {
  await using t = await setup();
  await t.publish();
  await t.runDue();
  const result = await t.targets.update(t.caller, { id: t.goneId, status: 'ACTIVE' });
  expect(result.ok).toBe(true);
  const [disabled, enabled] = (await t.entries()).slice(-2);
  expect(enabled).toMatchObject({ before: disabled.after, after: disabled.before });
});

test('while its row cannot be written the target is not disabled, and the outcome is not lost', async () => {
  await using t = await setup();
  await t.rows(REFUSE);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  expect(await t.statusOf(t.goneId)).toBe('ACTIVE');
  expect(t.errors.length).toBeGreaterThan(0);
  await t.rows('drop trigger refuse on audit_log');
  await t.clock.advance(10 * 60_000);
  await t.runDue();
  expect(await t.statusOf(t.goneId)).toBe('DISABLED');
  const statuses = await Promise.all(deliveryIds.map(async (id) => (await t.delivery(id)).status));
  expect(statuses.sort()).toEqual(['DELIVERED', 'RETRYING']);
});
