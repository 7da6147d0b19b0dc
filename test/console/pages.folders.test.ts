/** Which folder of the console may import which, as its README says. */
import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const CONSOLE = new URL('../../src/console/', import.meta.url);

const PAGES = ['deliveries', 'event-types', 'events', 'replays', 'settings', 'statistics', 'targets'];

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  api: [],
  ui: ['api'],
  search: ['api', 'ui'],
  shell: ['api', 'ui'],
  portal: ['api', 'shell', 'ui'],
  ...Object.fromEntries(PAGES.map((folder) => [folder, ['api', 'ui']])),
  deliveries: ['api', 'search', 'ui'],
  events: ['api', 'search', 'ui'],
};

test('a folder of pages imports api/ and ui/, and no other folder of pages but as the README says', async () => {
  const found: Record<string, Set<string>> = {};
  for await (const path of glob('*/**/*.{ts,tsx}', { cwd: CONSOLE, exclude: ['dist/**', 'generated/**'] })) {
    const [folder] = path.split('/') as [string];
    const text = await readFile(new URL(path, CONSOLE), 'utf8');
    // Also `import './page.css'` and `import('./page.tsx')`.
    for (const [, imported] of text.matchAll(/(?:from |import\(?\s*)'(\.[^']+)'/g)) {
      const [other] = new URL(imported!, new URL(path, CONSOLE)).href.slice(CONSOLE.href.length).split('/');
      if (other! in MAY_IMPORT && other !== folder) (found[folder] ??= new Set()).add(other!);
    }
  }
  const sorted = Object.fromEntries(Object.entries(found).map(([folder, others]) => [folder, [...others].sort()]));
  const expected = Object.entries(MAY_IMPORT).filter(([, others]) => others.length > 0);
  expect(sorted).toEqual(Object.fromEntries(expected));
});
