/** @hookcast/verify as its receivers get it: built, packed, and installed into an empty folder without a network. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { TSC } from '../support/packages/pack.ts';
import { runProcess } from '../support/processes/start.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, type CreatedTarget, PUBLISH, startService } from '../support/service.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';
import vectors from '../support/vectors/signatures.json' with { type: 'json' };
import { findNodes, type Installed, installPackage } from '../support/packages/install.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'test/support/examples');
const nodes = await findNodes();
let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('verify');
});
afterAll(() => installed[Symbol.asyncDispose]());

/** Runs a file of the receiver's folder, and returns what it prints as JSON. */
async function run(node: string, file: string, code: string, request: object): Promise<unknown> {
  await writeFile(join(installed.directory, file), code);
  const args = ['--no-warnings', file, JSON.stringify(request)];
  const { stdout } = await runProcess(node, args, { cwd: installed.directory });
  return JSON.parse(stdout);
}

const VERIFY = `
  const { now, ...request } = JSON.parse(process.argv.at(-1));
  verifyWebhookSignature({ ...request, now: now && new Date(now) }).then((result) => console.log(JSON.stringify(result)));
`;
const IMPORTED = `import { verifyWebhookSignature } from '@hookcast/verify'; ${VERIFY}`;
const REQUIRED = `const { verifyWebhookSignature } = require('@hookcast/verify'); ${VERIFY}`;

test('npm installs it into an empty folder without a network, with @noble/ed25519 and nothing else', async () => {
  const packages = await readdir(join(installed.directory, 'node_modules'));
  expect(packages.filter((name) => !name.startsWith('.')).sort()).toEqual(['@hookcast', '@noble']);
  const manifest = JSON.parse(await readFile(join(installed.packageDirectory, 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toEqual(['@noble/ed25519']);
  expect(manifest.scripts).toBeUndefined();
});

test('it holds JavaScript and types of every module, the guide with its pages, and no source', async () => {
  const modules = (await readdir(join(ROOT, 'src/verify'))).filter((name) => name.endsWith('.ts'));
  const built = modules.flatMap((name) => [name.replace('.ts', '.js'), name.replace('.ts', '.d.ts')]);
  const files = await readdir(installed.packageDirectory);
  expect(files.sort()).toEqual([...built, 'README.md', 'package.json', 'receivers'].sort());
  const pages = await readdir(join(installed.packageDirectory, 'receivers'));
  expect(pages.sort()).toEqual((await readdir(join(ROOT, 'src/verify/receivers'))).sort());
});

test.each(nodes)('Node $version verifies with it what a real service sent', async ({ path }) => {
  await using service = await startService();
  await using receiver = await startReceiver();
  const { createWebhookTarget } = await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  await service.api(PUBLISH, { type: 'customer.kyb_status.updated', data: { name: 'Zoë 🦊' } });
  const { headers, body } = await receiver.next();
  const { keys: publicKeys } = await (await fetch(`${service.origin}/.well-known/jwks.json`)).json();

  const request = { headers, body: body.toString(), publicKeys, secrets: [createWebhookTarget.secret] };
  const accepted = await run(path, 'real.mjs', IMPORTED, request);
  expect(accepted).toMatchObject({ ok: true, schemes: ['v1', 'v1a'] });
  const changed = { ...request, body: `${request.body} ` };
  const refused = await run(path, 'real.mjs', IMPORTED, changed);
  expect(refused).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

test.each(nodes)('Node $version verifies the published vectors with it, imported and required', async ({ path }) => {
  for (const vector of [...vectors['standard-v1'], ...vectors['standard-v1a']]) {
    const { id, timestamp, signature, body } = vector;
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    const keys = 'secret' in vector ? { secrets: [vector.secret] } : { publicKeys: [vector.publicKey] };
    const request = { headers, body, ...keys, now: new Date(Number(timestamp) * 1000) };
    expect(await run(path, 'vector.mjs', IMPORTED, request)).toMatchObject({ ok: true });
    expect(await run(path, 'vector.cjs', REQUIRED, request)).toMatchObject({ ok: true });
  }
});

const CONSUMER = `
  import { createServer } from 'node:http';
  import { createRemoteKeys, verifyWebhook, type Refusal, type RefusalReason, type WebhookEvent } from '@hookcast/verify';

  const remoteKeys: () => Promise<readonly (string | object)[]> = createRemoteKeys('https://example.com/jwks.json');
  void remoteKeys;
  createServer(async ({ headers }) => {
    const result = await verifyWebhook({ headers, body: new Uint8Array(), secrets: ['whsec_AAAA'], publicKeys: undefined });
    const event: WebhookEvent | Refusal = result.ok ? result.event : result;
    void event;
    if (!result.ok) return result.reason satisfies RefusalReason;
    // @ts-expect-error: the types are real ones.
    return result.reason;
  });
  void verifyWebhook({ headers: new Headers(), body: new ArrayBuffer(0) });
  // @ts-expect-error: a parsed body cannot be verified.
  void verifyWebhook({ headers: {}, body: { id: 'a' } });
`;

test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
])('TypeScript checks what uses it, with module %s and moduleResolution %s', async (module, moduleResolution) => {
  await installed.link('@types/node');
  await writeFile(join(installed.directory, 'consumer.ts'), CONSUMER);
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    'false',
    '--types',
    'node',
  ];
  const target = ['--target', 'es2022', '--module', module, '--moduleResolution', moduleResolution];
  const checked = runProcess(process.execPath, [TSC, ...options, ...target, 'consumer.ts'], {
    cwd: installed.directory,
  });
  expect((await checked.catch((failed: { stdout: string }) => failed)).stdout).toBe('');
});

test('TypeScript checks the receivers of the guide with it', async () => {
  await installed.link('express', 'fastify', 'hono', '@hono/node-server', '@types/express', '@types/node');
  const examples = (await readdir(EXAMPLES)).filter((name) => name.startsWith('receive-'));
  expect(examples).toHaveLength(4);
  for (const name of examples) await cp(join(EXAMPLES, name), join(installed.directory, name));
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--types',
    'node',
    '--target',
    'es2022',
    '--module',
    'node16',
  ];
  const checked = runProcess(process.execPath, [TSC, ...options, ...examples], { cwd: installed.directory });
  expect((await checked.catch((failed: { stdout: string }) => failed)).stdout).toBe('');
});

test('inside the repository it is hookcast/verify, from source', async () => {
  const [key, secret] = [testKey(1), testSecret(2)];
  const timestampSeconds = Math.floor(systemClock.now().getTime() / 1000);
  const signed = signRequest({ id: 'a', body: '{}', timestampSeconds, signingKeys: [key], secrets: [secret.raw] });
  const request = { ...signed, publicKeys: [publicKeyForms(key.publicKey).publicKeyHex], secrets: [secret.text] };
  const code = IMPORTED.replace('@hookcast', 'hookcast');
  const args = ['--input-type=module', '--eval', code, JSON.stringify(request)];
  const { stdout } = await runProcess(process.execPath, args, { cwd: ROOT });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, schemes: ['v1', 'v1a'] });
});
