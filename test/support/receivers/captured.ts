/**
 * Requests that a target received of the product while its signing key and its secret were rotated, with what a receiver held
 * at each time: the signing keys as a command reads them, and the secrets.
 */
import { vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { connectDatabase } from '../../../src/database/client.ts';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { createSigningKeys } from '../../../src/manage/signing-keys.ts';
import { masterKeyBytes } from '../master-key.ts';
import { type Product, startProduct } from '../product.ts';
import { type ReceivedRequest, startReceiver } from '../receiver.ts';
import { TESTER } from '../tester.ts';

/** In `published` and `active` both keys and both secrets sign; X-Webhook-Signature is by the old key, then by the new one. */
export const TIMES = ['before', 'published', 'active', 'after'] as const;
export type Time = (typeof TIMES)[number];

export type Captured<Keys> = {
  readonly requests: Readonly<Record<Time, ReceivedRequest>>;
  /** Sent to another target at the time `active`. */
  readonly forAnother: ReceivedRequest;
  /** The same with the largest, deepest body, in which a number is greater than every double. */
  readonly largest: ReceivedRequest;
  readonly keys: Readonly<Record<Time, Keys>>;
  /** The old secret and the new one. */
  readonly secrets: readonly [string, string];
};

export const TYPE = 'customer.kyb_status.updated';

/** Deeper than the depths that parsers allow by default: the body is one level more. */
const LARGEST = `${'['.repeat(100)}1e400,"${'🦊'.repeat(65_480)}"${']'.repeat(100)}`;

const ROTATE = `mutation ($id: ID!) {
  rotateWebhookTargetSecret(input: { id: $id, overlapSeconds: 30 }) { secret userErrors { message } }
}`;

/**
 * `readKeys` reads the signing keys that the deployment at this origin shows. All requests are dated within a minute, 200 s
 * ahead of the machine's clock: receivers accept them for 500 s from now.
 */
export async function capture<Keys>(readKeys: (origin: string) => Promise<Keys>): Promise<Captured<Keys>> {
  const now = new Date(systemClock.now().getTime() + 200_000).toISOString();
  const product = await startProduct({}, { now });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => product.stop());
  const [receiver, elsewhere] = [stack.use(await startReceiver()), stack.use(await startReceiver())];
  const tenant = await product.tenant();
  const { id, secret } = await tenant.createTarget({ url: receiver.url, eventTypes: [TYPE] });
  await tenant.createTarget({ url: elsewhere.url, eventTypes: [TYPE] });
  const origin = new URL(product.url).origin;

  const publish = async (content: { data: unknown } | { rawData: string }) => {
    await tenant.run(PUBLISH, { input: { eventType: TYPE, ...content } });
    return [await receiver.next(), await elsewhere.next()] as const;
  };
  /** An event that as many keys and secrets have signed. Workers read rotated ones every few seconds. */
  const signedBy = (count: number) =>
    vi.waitFor(
      async () => {
        const sent = await publish({ data: { name: 'Zoë 🦊', amount: { value: '1000.00' }, rate: 1.5 } });
        const versions = String(sent[0].headers['webhook-signature']).match(/(?<=^| )v1a?(?=,)/g)!;
        const [keys, secrets] = ['v1a', 'v1'].map((version) => versions.filter((each) => each === version).length);
        if (keys !== count || secrets !== count) throw new Error(`Expected ${count} of each, got ${versions}`);
        return sent;
      },
      { timeout: 30_000, interval: 250 },
    );
  const at = async (count: number) => ({ sent: await signedBy(count), keys: await readKeys(origin) });

  const before = await at(1);
  await rotateSigningKey(product);
  const rotated = await tenant.run(ROTATE, { id });
  await product.advance(16_000);
  const published = await at(2);
  await product.advance(5_000);
  const active = await at(2);
  const [largest] = await publish({ rawData: LARGEST });
  await product.advance(30_000);
  const after = await at(1);

  const phases = { before, published, active, after };
  const each = <T>(pick: (phase: typeof before) => T) =>
    Object.fromEntries(TIMES.map((time) => [time, pick(phases[time])])) as Record<Time, T>;
  return {
    requests: each(({ sent: [request] }) => request),
    forAnother: active.sent[1],
    largest,
    keys: each(({ keys }) => keys),
    secrets: [secret, rotated.secret],
  };
}

/** The next key is published after 15 s and active after 20 s; the present one goes on for 20 s from then. */
async function rotateSigningKey({ clock, config }: Product): Promise<void> {
  const database = connectDatabase({ databaseUrl: config.databaseUrl!, connections: 2, onConnectionLost: () => {} });
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const seal = createSeal(masterKeyBytes('tests'), clock.randomBytes);
  const times = { activateAfterMs: 20_000, overlapMs: 20_000 };
  await createSigningKeys({ database, clock, ids, seal }).rotate(TESTER, times);
  await database.close();
}

const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { message } }
}`;
