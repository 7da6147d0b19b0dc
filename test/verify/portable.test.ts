import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { runProcess } from '../support/processes/start.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

const DIRECTORY = fileURLToPath(new URL('../../src/verify', import.meta.url));
const ENTRY = join(DIRECTORY, 'index.ts');
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"]+)\1/g;

/** Every module that the entry reaches, package modules included. */
async function importGraph(): Promise<{ files: string[]; packages: string[] }> {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const visit = async (file: string): Promise<void> => {
    if (files.has(file)) return;
    files.add(file);
    // Examples in comments import the package itself.
    const source = (await readFile(file, 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    for (const [, , specifier = ''] of source.matchAll(IMPORT)) {
      if (specifier.startsWith('.')) await visit(join(dirname(file), specifier));
      else packages.add(specifier);
    }
  };
  await visit(ENTRY);
  return { files: [...files].sort(), packages: [...packages] };
}

test('reaches only its own files and @noble/ed25519', async () => {
  const { files, packages } = await importGraph();
  const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.ts'));
  const own = names.map((name) => join(DIRECTORY, name)).sort();
  expect(files).toEqual(own);
  expect(packages).toEqual(['@noble/ed25519']);
});

test('@noble/ed25519 reaches nothing', async () => {
  const source = await readFile(fileURLToPath(import.meta.resolve('@noble/ed25519')), 'utf8');
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '');
  expect([...code.matchAll(IMPORT)].map(([, , specifier]) => specifier)).toEqual([]);
});

// What Node offers and browsers do not is taken away first; what is left is what both have.
const BARE_RUN = `
  import { isBuiltin, registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (isBuiltin(specifier)) throw new Error('a browser has no ' + specifier);
      return next(specifier, context);
    },
  });
  const [entry, request] = process.argv.slice(1);
  const log = console.log;
  for (const name of ['process', 'Buffer', 'global', 'setImmediate', 'clearImmediate']) delete globalThis[name];
  const { verifyWebhook } = await import(entry);
  const { now, ...rest } = JSON.parse(request);
  log(JSON.stringify([typeof process, typeof Buffer, await verifyWebhook({ ...rest, now: new Date(now) })]));
`;

test('verifies both families where there is neither process nor Buffer nor any node: module', async () => {
  const event = { id: 'a', event: 'b.c', data: { name: 'Zoë' }, created_at: '2026-01-15T10:30:00.000Z' };
  const [key, secret] = [testKey(1), testSecret(2)];
  const timestampSeconds = 1_768_473_000;
  const signers = { id: 'a', body: JSON.stringify(event), timestampSeconds, signingKeys: [key], secrets: [secret.raw] };
  const request = { ...signRequest(signers), now: timestampSeconds * 1000 };
  for (const [keys, schemes] of [
    [{ publicKeys: [publicKeyForms(key.publicKey).publicKey] }, ['v1a']],
    [{ secrets: [secret.text] }, ['v1']],
  ] as const) {
    const args = ['--input-type=module', '--eval', BARE_RUN, new URL(`file://${ENTRY}`).href];
    const { stdout } = await runProcess(process.execPath, [...args, JSON.stringify({ ...request, ...keys })]);
    expect(JSON.parse(stdout)).toMatchObject(['undefined', 'undefined', { ok: true, schemes, event }]);
  }
});
