/** The commands that make a key pair for signed changes make one that Node signs with. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks } from '../support/documents.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';

const hasOpenssl = () =>
  runProcess('openssl', ['version']).then(
    () => true,
    () => false,
  );

test('the second command prints the public half of the key that the first one makes, in hex', async (context) => {
  if (!(await hasOpenssl())) context.skip('openssl is not installed');
  await using folder = await createFolder('hookcast-key-');
  const [commands, ...rest] = await codeBlocks('src/schema/README.md', 'Signed changes', 'sh');
  expect(rest).toEqual([]);
  const { stdout } = await runProcess('bash', ['-c', commands!], { cwd: folder.path });
  const privateKey = createPrivateKey(await readFile(join(folder.path, 'key.pem'), 'utf8'));
  expect(privateKey.asymmetricKeyType).toBe('ed25519');
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  expect(stdout).toBe(spki.subarray(-32).toString('hex'));
});
