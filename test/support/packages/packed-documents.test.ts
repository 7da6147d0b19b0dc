import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../processes/reaper.ts';
import { copyDocuments, fitLinks, linkedPaths } from './packed-documents.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FILES = ['README.md', 'src/app/README.md', 'src/app/memory.js', 'src/app/deploy'];

test.each([
  ['[the guide](src/app/README.md#keys)', '[the guide](src/app/README.md#keys)'],
  ['[`memory.ts`](src/app/memory.ts)', '[`memory.ts`](src/app/memory.js)'],
  ['[files](src/app/deploy), [tests](test/README.md#faults) and [x](y)', '[files](src/app/deploy), tests and x'],
  ['[above](#keys) and [npm](https://npmjs.com/x)', '[above](#keys) and [npm](https://npmjs.com/x)'],
  ['`[a](b)` and\n```ts\nhandlers[name](event);\n```\n', '`[a](b)` and\n```ts\nhandlers[name](event);\n```\n'],
])('the links of %j become those of %j', (text, fitted) => {
  expect(fitLinks(text, 'README.md', (path) => FILES.includes(path))).toBe(fitted);
});

test('a link is read from the folder of its document', () => {
  const isThere = (path: string) => FILES.includes(path);
  expect(fitLinks('[a](memory.ts) [b](../../README.md)', 'src/app/README.md', isThere)).toBe(
    '[a](memory.js) [b](../../README.md)',
  );
});

test('the package has every document of src that its README links, and every link leads to a file of the package', async () => {
  await using folder = await createFolder('hookcast-documents-');
  await mkdir(join(folder.path, 'src/app'), { recursive: true });
  await writeFile(join(folder.path, 'src/app/memory.js'), '');
  await copyDocuments(ROOT, folder.path);
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const rooms = linkedPaths(readme, 'README.md').filter((path) => /^src\/.*\.md$/.test(path));
  expect(rooms).toEqual(
    expect.arrayContaining(['src/cli/README.md', 'src/console/README.md', 'src/verify/receivers/go.md']),
  );
  for (const document of ['README.md', 'src/app/README.md', ...rooms]) {
    const links = linkedPaths(await readFile(join(folder.path, document), 'utf8'), document);
    expect(links.filter((path) => !existsSync(join(folder.path, path)))).toEqual([]);
    if (document === 'README.md') expect(links).toEqual(expect.arrayContaining(rooms));
  }
  expect(await readFile(join(folder.path, 'src/app/README.md'), 'utf8')).toContain('](memory.js)');
});
