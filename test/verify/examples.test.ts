import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

const DIRECTORY = new URL('../../src/verify/', import.meta.url);
const ENTRY = new URL('index.ts', DIRECTORY);
const EXAMPLE = / \* ```ts\n([\s\S]*?) \* ```\n[\s\S]*?export (?:async )?function (\w+)/g;

/** The code that the documentation of `name` in `file` shows. */
async function readExample(file: string, name: string): Promise<string> {
  const examples = [...(await readFile(new URL(file, DIRECTORY), 'utf8')).matchAll(EXAMPLE)];
  const [, comment = ''] = examples.find(([, , documented]) => documented === name) ?? [];
  return comment.replace(/^ \* ?/gm, '');
}

const importExample = async <T>(file: string, name: string): Promise<T> => importCode(await readExample(file, name));

/** Runs an example as it stands. */
async function importCode<T>(example: string): Promise<T> {
  const code = example.replace("'@hookcast/verify'", JSON.stringify(ENTRY.href));
  await using folder = await createFolder('hookcast-example-');
  const file = join(folder.path, 'example.ts');
  await writeFile(file, code);
  return (await import(/* @vite-ignore */ file)) as T;
}

function setup() {
  const [key, secret] = [testKey(1), testSecret(2)];
  const body = '{"id":"a","event":"customer.created","data":{},"created_at":"2026-01-15T10:30:00.000Z"}';
  const timestampSeconds = Math.floor(systemClock.now().getTime() / 1000);
  const { headers } = signRequest({ id: 'a', body, timestampSeconds, signingKeys: [key], secrets: [secret.raw] });
  const post = (text = body) => new Request('https://example.com/', { method: 'POST', headers, body: text });
  return { post, changed: () => post(`${body} `), secrets: [secret.text], jwk: publicKeyForms(key.publicKey).jwk };
}

type Check<Answer> = (request: Request, secrets: string[]) => Promise<Answer>;

afterEach(() => vi.restoreAllMocks());

test('the example of verifyWebhook accepts a signed request and refuses a changed one', async () => {
  const { post, changed, secrets } = setup();
  const { receive } = await importExample<{ receive: Check<Response> }>('index.ts', 'verifyWebhook');
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});

  expect((await receive(post(), secrets)).status).toBe(204);
  expect(log).toHaveBeenCalledWith('customer.created a');
  expect((await receive(changed(), secrets)).status).toBe(401);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('no-matching-signature'));
});

test('the example of verifyWebhookSignature accepts a signed request and refuses a changed one', async () => {
  const { post, changed, secrets } = setup();
  type Example = { isFromSender: Check<boolean> };
  const { isFromSender } = await importExample<Example>('index.ts', 'verifyWebhookSignature');
  expect(await isFromSender(post(), secrets)).toBe(true);
  expect(await isFromSender(changed(), secrets)).toBe(false);
});

test('the example of createRemoteKeys accepts a signed request and refuses a changed one', async () => {
  const { post, changed, secrets, jwk } = setup();
  const asked = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ keys: [jwk] }));
  const { isForUs } = await importExample<{ isForUs: Check<boolean> }>('remote-keys.ts', 'createRemoteKeys');
  expect(await isForUs(post(), secrets)).toBe(true);
  expect(await isForUs(changed(), secrets)).toBe(false);
  expect(asked).toHaveBeenCalledExactlyOnceWith(
    'https://hookcast.example.com/.well-known/jwks.json',
    expect.anything(),
  );
});

test('the example verify-request.ts accepts a signed request and refuses a changed one', async () => {
  const { post, changed, secrets, jwk } = setup();
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ keys: [jwk] }));
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await readFile(new URL('../support/examples/verify-request.ts', import.meta.url), 'utf8');
  const { receive } = await importCode<{ receive: Check<Response> }>(code);
  expect((await receive(post(), secrets)).status).toBe(204);
  expect(log).toHaveBeenCalledWith('customer.created', 'a');
  expect((await receive(changed(), secrets)).status).toBe(401);
});

test('the guide for receivers begins with the example of verifyWebhook', async () => {
  const guide = await readFile(new URL('README.md', DIRECTORY), 'utf8');
  const [, first] = /^```ts\n([\s\S]*?)^```$/m.exec(guide)!;
  expect(first).toBe(await readExample('index.ts', 'verifyWebhook'));
});
