/** @hookcast/client as front ends get it: built, packed, installed without a network, and weighed. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installed, installPackage } from '../support/packages/install.ts';
import { TSC } from '../support/packages/pack.ts';
import { runProcess } from '../support/processes/start.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('client');
}, 300_000);
afterAll(() => installed?.[Symbol.asyncDispose]());

test('npm installs it into an empty folder without a network, and nothing else', async () => {
  const packages = await readdir(join(installed.directory, 'node_modules'));
  expect(packages.filter((name) => !name.startsWith('.'))).toEqual(['@hookcast']);
  const manifest = JSON.parse(await readFile(join(installed.packageDirectory, 'package.json'), 'utf8'));
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.scripts).toBeUndefined();
});

test('it holds JavaScript and types of every module, the guide, and no source', async () => {
  const list = async (folder: string) =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const modules = (await list(join(ROOT, 'src/client'))).filter((name) => name.endsWith('.ts'));
  const built = modules.flatMap((name) => [name.replace('.ts', '.js'), name.replace('.ts', '.d.ts')]);
  expect((await list(installed.packageDirectory)).sort()).toEqual([...built, 'README.md', 'package.json'].sort());
});

test('a page loads at most 6 KiB of it, without the adapters', async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '@hookcast/client';`, resolveDir: installed.directory },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  const bytes = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
  expect(bytes).toBeGreaterThan(2_000);
  expect(bytes).toBeLessThanOrEqual(6 * 1024);
});

const CONSUMER = `
  import { execute, isFinal, liveList, watch, type TypedDocument, type WatchState } from '@hookcast/client';
  import { relayNetwork } from '@hookcast/client/relay';

  type Changes = { deliveryStatusChanged: { cursor: string; status: 'FAILED' | 'DELIVERED' } };
  declare const document: TypedDocument<Changes, { after?: string | null; targetId: string }>;
  const service = { url: '/graphql', getApiKey: () => 'hk_…' };

  export async function follow(onState: (state: WatchState) => void) {
    for await (const { data, cursor } of watch({ ...service, document, variables: { targetId: 'a' }, onState })) {
      const status: 'FAILED' | 'DELIVERED' = data.deliveryStatusChanged.status;
      // @ts-expect-error: the types are those of the document.
      data.deliveryStatusChanged.unknown;
      void [status, cursor satisfies string];
    }
    // @ts-expect-error: so are those of the variables.
    watch({ ...service, document, variables: { targetId: 1 } });
    const { viewer } = await execute<{ viewer: { id: string } }>({ ...service, document: '{ viewer { id } }' });
    const list = liveList({
      ...service,
      query: '{ items { id } }',
      load: (data: { items: { id: string }[] }) => ({ items: data.items, cursor: '' }),
      subscription: document,
      item: () => null,
      order: (one, other) => one.id.localeCompare(other.id),
    });
    return [viewer.id, isFinal(null), list.getSnapshot().items.map(({ id }) => id), relayNetwork(service)] as const;
  }
`;

test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
])('TypeScript checks what uses it, with module %s and moduleResolution %s', async (module, moduleResolution) => {
  await writeFile(join(installed.directory, 'consumer.ts'), CONSUMER);
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--types', ''];
  const target = [
    '--target',
    'es2022',
    '--lib',
    'es2022,dom',
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
  ];
  const checked = runProcess(process.execPath, [TSC, ...options, ...target, 'consumer.ts'], {
    cwd: installed.directory,
  });
  expect((await checked.catch((failed: { stdout: string }) => failed)).stdout).toBe('');
});
