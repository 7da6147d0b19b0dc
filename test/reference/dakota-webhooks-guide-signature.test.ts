/** The Dakota webhooks guide: signature verification, by its own Node.js code and by verify/, which must agree. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { verifyWebhook } from '../../src/verify/index.ts';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { verifyWithGuideNode } from '../support/reference-code/guide.ts';

const t = await startProduct();
afterAll(() => t.stop());
afterEach(() => void vi.useRealTimers().restoreAllMocks());

type Received = { headers: Record<string, string>; body: string; publicKey: string; now: Date };

/** A request as received, and the public key that the deployment publishes. */
const received: Promise<Received> = receive();
received.catch(() => {}); // The tests below say so.

async function receive(): Promise<Received> {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  await tenant.publish('customer.kyb_status.updated', { name: 'Zoë 🦊', kyb_status: 'approved' });
  const { headers, body } = await receiver.next();
  const [{ publicKeyHex: publicKey }] = await tenant.run('{ signingKeys { publicKeyHex } }');
  return { headers: headers as Record<string, string>, body: body.toString(), publicKey, now: t.clock.now() };
}

/** What both say, which must be the same. Only X-Webhook-… is looked at: the guide knows nothing else. */
async function isAccepted({ headers, body, publicKey, now }: Received): Promise<boolean> {
  const dakota = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-webhook-')));
  vi.useFakeTimers({ toFake: ['Date'], now });
  vi.spyOn(console, 'error').mockReturnValue();
  const byGuide = verifyWithGuideNode(dakota, body, publicKey);
  vi.useRealTimers();
  const { ok } = await verifyWebhook({ headers: dakota, body, publicKeys: [publicKey], now });
  expect(ok, "verify/ says what the guide's code says").toBe(byGuide);
  return byGuide;
}

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1_000);

test('guide: a request is signed with Ed25519 over timestamp + body, by the published key', async () => {
  expect(await isAccepted(await received)).toBe(true);
});

test.each([
  ['a changed body', (r: Received) => ({ ...r, body: r.body.replace('approved', 'rejected') })],
  ['a changed timestamp', (r: Received) => ({ ...r, headers: { ...r.headers, 'x-webhook-timestamp': '1' } })],
  ['no signature', ({ headers: { 'x-webhook-signature': _, ...headers }, ...r }: Received) => ({ ...r, headers })],
  ['no timestamp', ({ headers: { 'x-webhook-timestamp': _, ...headers }, ...r }: Received) => ({ ...r, headers })],
  ['an empty body', (r: Received) => ({ ...r, body: '' })],
  ['the public key of another environment', (r: Received) => ({ ...r, publicKey: SANDBOX })],
  ['a public key that has not 32 bytes', (r: Received) => ({ ...r, publicKey: r.publicKey.slice(2) })],
] as [string, (request: Received) => Received][])('guide: %s is refused', async (_, change) => {
  expect(await isAccepted(change(await received))).toBe(false);
});

test.each([
  ['4 minutes old', 240, true],
  ['6 minutes old', 360, false],
  ['4 minutes from the future', -240, true],
  ['6 minutes from the future', -360, false],
])('guide: the timestamp prevents replays within 5 minutes: %s', async (_, seconds, accepted) => {
  const request = await received;
  expect(await isAccepted({ ...request, now: later(request.now, seconds) })).toBe(accepted);
});

const PRODUCTION = '65b797d688ed4991ecc0d922f360bd9b4c3d68e5a36ce2b1307cc8547bd68be4';
const SANDBOX = '7a2f771f3a7ac9ae2a95066df35dc0261d7ce354214736cc232d70b3c66f8a5f';

test.each([
  ['Production', PRODUCTION],
  ['Sandbox', SANDBOX],
])('guide: the public key of %s is in a form that a receiver can give to verify/', async (_, publicKey) => {
  const { headers, body, now } = await received;
  const verdict = await verifyWebhook({ headers, body, publicKeys: [publicKey], now });
  expect(verdict).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

test('guide: the public key is hex, 64 characters for 32 bytes, and each deployment has its own', async () => {
  const other = await startProduct({ ROLES: 'api' });
  try {
    const keys = [
      (await received).publicKey,
      (await other.platform.run('{ signingKeys { publicKeyHex } }'))[0].publicKeyHex,
    ];
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(keys[0]).not.toBe(keys[1]);
  } finally {
    await other.stop();
  }
});

test('guide: X-Webhook-Signature is base64 of 64 bytes', async () => {
  const { headers } = await received;
  const signature = headers['x-webhook-signature']!;
  expect(Buffer.from(signature, 'base64')).toHaveLength(64);
  expect(Buffer.from(signature, 'base64').toString('base64')).toBe(signature);
});

test('guide: X-Webhook-Timestamp is the Unix time at which the request was sent', async () => {
  const { headers, now } = await received;
  expect(headers['x-webhook-timestamp']).toBe(String(Math.floor(now.getTime() / 1_000)));
});

test('guide: X-Dakota-Event-ID is the id of the event', async () => {
  const { headers, body } = await received;
  expect(headers['x-dakota-event-id']).toBe(JSON.parse(body).id);
});
