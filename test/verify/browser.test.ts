import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import type { WebhookRequest } from '../../src/verify/index.ts';
import { openBrowser } from '../support/browser/browser.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';
import { type Installed, installPackage } from '../support/packages/install.ts';

const TIMESTAMP = 1_768_473_000;
const PAGE = `<!doctype html>
<script type="importmap">
  { "imports": { "@hookcast/verify": "/@hookcast/verify/index.js", "@noble/ed25519": "/@noble/ed25519/index.js" } }
</script>
<script type="module">
  import { verifyWebhook } from '@hookcast/verify';
  window.verify = ({ now, ...request }) => verifyWebhook({ ...request, headers: new Headers(request.headers), now: new Date(now) });
</script>`;

/** A page with the modules of the installed package, unbundled, as a browser resolves them by an import map. */
async function openPage({ directory }: Installed) {
  const server = createServer(async ({ url = '/' }, response) => {
    const isPage = url === '/';
    const file = isPage ? PAGE : await readFile(join(directory, 'node_modules', url)).catch(() => null);
    response.writeHead(file ? 200 : 404, { 'content-type': isPage ? 'text/html' : 'text/javascript' }).end(file);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await openBrowser();
  const page = await browser.newPage();
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    failures,
    verify: (request: Omit<WebhookRequest, 'now'>) =>
      page.evaluate(`window.verify(${JSON.stringify({ ...request, now: TIMESTAMP * 1000 })})`),
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      server.close();
    },
  };
}

test('a browser verifies with the installed package, by public key and by secret', { timeout: 60_000 }, async () => {
  await using installed = await installPackage('verify');
  await using page = await openPage(installed);
  const [key, secret] = [testKey(1), testSecret(2)];
  const event = { id: 'a', event: 'b.c', data: { name: 'Zoë 🦊' }, created_at: '2026-01-15T10:30:00.000Z' };
  const signers = { id: 'a', body: JSON.stringify(event), signingKeys: [key], secrets: [secret.raw] };
  const signed = signRequest({ ...signers, timestampSeconds: TIMESTAMP });
  const { jwk } = publicKeyForms(key.publicKey);
  for (const [keys, schemes] of [
    [{ publicKeys: [jwk] }, ['v1a']],
    [{ secrets: [secret.text] }, ['v1']],
    [{ publicKeys: [jwk], secrets: [secret.text] }, ['v1', 'v1a']],
  ] as const) {
    expect(await page.verify({ ...signed, ...keys })).toMatchObject({ ok: true, schemes, event });
    const changed = await page.verify({ ...signed, ...keys, body: `${signed.body} ` });
    expect(changed).toMatchObject({ ok: false, reason: 'no-matching-signature' });
  }
  expect(page.failures).toEqual([]);
});
