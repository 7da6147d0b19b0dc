import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { publicKeyForms } from '../../src/domain/signature.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

const ENTRY = new URL('../../src/verify/index.ts', import.meta.url);
const EXAMPLE = / \* ```ts\n([\s\S]*?) \* ```\n[\s\S]*?export (?:async )?function (\w+)/g;

/** The module that the documentation of `name` shows, run as it stands. */
async function importExample(name: string): Promise<Record<string, unknown>> {
  const examples = [...(await readFile(ENTRY, 'utf8')).matchAll(EXAMPLE)];
  const [, comment = ''] = examples.find(([, , documented]) => documented === name) ?? [];
  const code = comment.replace(/^ \* ?/gm, '').replace("'hookcast/verify'", JSON.stringify(ENTRY.href));
  const directory = await mkdtemp(join(tmpdir(), 'hookcast-example-'));
  try {
    await writeFile(join(directory, 'example.ts'), code);
    return (await import(/* @vite-ignore */ join(directory, 'example.ts'))) as Record<string, unknown>;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function setup() {
  const [key, secret] = [testKey(1), testSecret(2)];
  const body = '{"id":"a","event":"customer.created","data":{},"created_at":"2026-01-15T10:30:00.000Z"}';
  const timestampSeconds = Math.floor(systemClock.now().getTime() / 1000);
  const request = signRequest({ id: 'a', body, timestampSeconds, signingKeys: [key], secrets: [secret.raw] });
  return { request, secret, publicKeys: [publicKeyForms(key.publicKey).publicKeyHex] };
}

afterEach(() => vi.restoreAllMocks());

test('the example of verifyWebhook accepts a signed request and refuses a changed one', async () => {
  const { request, publicKeys } = setup();
  const { receive } = (await importExample('verifyWebhook')) as {
    receive: (request: Request, publicKeys: string[]) => Promise<Response>;
  };
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const post = (body: string) =>
    receive(new Request('https://example.com/', { method: 'POST', headers: request.headers, body }), publicKeys);

  expect((await post(request.body)).status).toBe(204);
  expect(log).toHaveBeenCalledWith('customer.created a');
  expect((await post(`${request.body} `)).status).toBe(401);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('no-matching-signature'));
});

test('the example of verifyWebhookSignature accepts a signed request and refuses a changed one', async () => {
  const { request, secret } = setup();
  const { createReceiver } = (await importExample('verifyWebhookSignature')) as {
    createReceiver: (secrets: string[]) => Server;
  };
  const server = createReceiver([secret.text]).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const post = (body: string) => fetch(url, { method: 'POST', headers: request.headers, body });
    expect((await post(request.body)).status).toBe(204);
    expect((await post(`${request.body} `)).status).toBe(401);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
