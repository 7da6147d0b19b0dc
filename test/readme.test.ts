import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { REFUSAL_REASONS } from '../src/verify/refusal.ts';
import verifyPackage from '../src/verify/package.json' with { type: 'json' };
import { examplesNotShown } from './support/examples/shown.ts';

const readGuide = () => readFile(new URL('../src/verify/README.md', import.meta.url), 'utf8');

test('the README and the guide for receivers show the examples word for word', async () => {
  expect(await examplesNotShown()).toEqual([]);
});

test('the guide for receivers has a line for every reason to refuse', async () => {
  const lines = (await readGuide()).matchAll(/^\| `([a-z-]+)` \|.*\|.*\|$/gm);
  const reasons = [...lines].map(([, reason]) => reason!);
  expect(reasons.sort()).toEqual([...REFUSAL_REASONS].sort());
});

test('the guide for receivers names the tarball that is made', async () => {
  expect(await readGuide()).toContain(`npm install ./hookcast-verify-${verifyPackage.version}.tgz`);
});
