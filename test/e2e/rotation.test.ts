/** Rotation under load, with real processes: nobody who holds a valid secret or key refuses a request. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SECRETS_FRESH_MS } from '../../src/pipeline/deliver/claim.ts';
import { verifyWebhook } from '../../src/verify/index.ts';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver, type ReceivedRequest } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type CreatedTarget } from '../support/service.ts';

const ROTATE = `mutation ($id: ID!) {
  rotateWebhookTargetSecret(input: { id: $id, overlapSeconds: 8 }) { secret overlapEndsAt userErrors { message } }
}`;

type Rotated = { rotateWebhookTargetSecret: { secret: string; overlapEndsAt: string } };
type Jwk = { x: string; active: boolean; exp?: number };
type Key = { publicKeyHex: string; state: string; activeAt: string; expiresAt: string | null };

/** What a receiver that trusts one secret or key made of the requests that came while it was valid. */
type Holder = {
  readonly name: string;
  readonly trust: { secrets: string[] } | { publicKeys: string[] };
  from: number;
  /** Requests that were signed earlier may be without it. */
  readonly signedFrom: number;
  until: number;
  accepted: number;
  refused: number;
};

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const receiver = await startReceiver();
  const api = await startService({ DATABASE_URL, ROLES: 'api' });
  const workers = await Promise.all([1, 2].map(() => startService({ DATABASE_URL, ROLES: 'worker' })));
  const { createWebhookTarget } = await api.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const cli = async (line: string) => {
    const { exitCode, stdout, stderr } = await runCli(line.split(' '), { environment: { DATABASE_URL, MASTER_KEY } });
    if (exitCode !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  return {
    api,
    receiver,
    cli,
    id: createWebhookTarget.target.id,
    secret: createWebhookTarget.secret,
    signingKeys: async () => (await (await fetch(`${api.origin}/.well-known/jwks.json`)).json()) as { keys: Jwk[] },
    async [Symbol.asyncDispose]() {
      for (const service of [api, ...workers]) await service[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

/** Between two publishes of one publisher: a load of hundreds per second, all of which are judged in the end. */
const PAUSE_MS = 10;

/** Publishes until `done`. */
async function publishWhile(publish: () => Promise<unknown>, done: Promise<unknown>): Promise<number> {
  let isDone = false;
  void done.finally(() => (isDone = true));
  let published = 0;
  const publisher = async () => {
    for (; !isDone; published++) {
      await publish();
      await delay(PAUSE_MS);
    }
  };
  await Promise.all([publisher(), publisher(), publisher(), publisher(), done]);
  return published;
}

async function judge(request: ReceivedRequest, holders: readonly Holder[]): Promise<void> {
  const { headers, body, receivedAt } = request;
  const at = receivedAt.getTime();
  const signedAt = Number(headers['x-webhook-timestamp']) * 1_000;
  const holding = holders.filter(({ from, signedFrom, until }) => at >= from && signedAt >= signedFrom && at < until);
  for (const holder of holding) {
    const { ok } = await verifyWebhook({ headers, body, now: receivedAt, ...holder.trust });
    if (ok) holder.accepted++;
    else holder.refused++;
  }
}

test('secrets and signing keys are rotated under load: 0 refusals', { timeout: 120_000 }, async () => {
  await using t = await setup();
  const holders: Holder[] = [];
  const hold = (name: string, trust: Holder['trust'], signedFrom = 0): Holder => {
    const holder = { name, trust, from: Date.now(), signedFrom, until: Infinity, accepted: 0, refused: 0 };
    holders.push(holder);
    return holder;
  };

  async function rotateSecrets(): Promise<void> {
    let current = hold('secret 0', { secrets: [t.secret] });
    for (let rotation = 1; rotation <= 5; rotation++) {
      await delay(1_000); // Not a wait for anything: requests are to arrive under each secret.
      const { rotateWebhookTargetSecret: rotated } = await t.api.api<Rotated>(ROTATE, { id: t.id });
      current.until = Date.parse(rotated.overlapEndsAt);
      current = hold(`secret ${rotation}`, { secrets: [rotated.secret] }, Date.now() + SECRETS_FRESH_MS);
    }
  }

  async function rotateKeys(): Promise<void> {
    const [first] = (await t.cli('signing-keys list')) as Key[];
    const old = hold('the old public key', { publicKeys: [first!.publicKeyHex] });
    const next = (await t.cli('signing-keys rotate --activate-after 18s --overlap 5s --force')) as Key;
    const { keys } = await t.signingKeys();
    const shown = keys.map(({ x, active, exp }) => [Buffer.from(x, 'base64url').toString('hex'), active, exp]);
    const endSeconds = Math.floor((Date.parse(next.activeAt) + 5_000) / 1_000);
    expect(shown).toEqual([
      [first!.publicKeyHex, true, endSeconds],
      [next.publicKeyHex, false, undefined],
    ]);
    hold('the new public key', { publicKeys: [next.publicKeyHex] });
    old.until = Date.parse(next.activeAt) + 5_000;
  }

  const rotations = Promise.all([rotateSecrets(), rotateKeys()]).then(() => delay(10_000));
  const published = await publishWhile(() => t.api.api(PUBLISH, { type: 'user.created', data: {} }), rotations);
  await expect.poll(() => t.receiver.requests.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(published);
  for (const request of t.receiver.requests) await judge(request, holders);

  console.log(`${published} events published, ${t.receiver.requests.length} requests received`);
  console.table(holders.map(({ name, accepted, refused }) => ({ name, accepted, refused })));
  for (const { name, accepted, refused } of holders) {
    expect([name, refused]).toEqual([name, 0]);
    expect(accepted, name).toBeGreaterThan(20);
  }
});
