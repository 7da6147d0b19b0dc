/** The guide for receivers: whole, and about the package that is made. */
import { expect, test } from 'vitest';
import { REFUSAL_REASONS } from '../../src/verify/refusal.ts';
import clientPackage from '../../src/client/package.json' with { type: 'json' };
import verifyPackage from '../../src/verify/package.json' with { type: 'json' };
import { codeBlocks, readDocument } from '../support/documents.ts';
import { examplesNotShown } from '../support/examples/shown.ts';

test('the documents show the examples word for word', async () => {
  expect(await examplesNotShown()).toEqual([]);
});

test('the guide for receivers has a line for every reason to refuse', async () => {
  const lines = (await readDocument('src/verify/README.md')).matchAll(/^\| `([a-z-]+)` \|.*\|.*\|$/gm);
  const reasons = [...lines].map(([, reason]) => reason!);
  expect(reasons.sort()).toEqual([...REFUSAL_REASONS].sort());
});

// test/verify/package.test.ts installs the tarball of this name.
test('the guide for receivers installs the tarball that is made', async () => {
  const [install, ...rest] = await codeBlocks('src/verify/README.md', '@hookcast/verify', 'sh');
  expect(rest).toEqual([]);
  expect(install).toBe(`npm install ./hookcast-verify-${verifyPackage.version}.tgz\n`);
});

// test/client/index.package.test.ts installs the tarball of this name.
test('the guide for front ends installs the tarball that is made', async () => {
  const [install, ...rest] = await codeBlocks('src/client/README.md', '@hookcast/client', 'sh');
  expect(rest).toEqual([]);
  expect(install).toBe(`npm install ./hookcast-client-${clientPackage.version}.tgz\n`);
});
