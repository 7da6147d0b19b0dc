/** MASTER_KEY and the bootstrap key: what is refused, and how to leave what was accepted before. */
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { readDocument } from './support/documents.ts';
import { masterKeyBytes, masterKeyNamed } from './support/master-key.ts';

const masterKey = masterKeyNamed('config');

const PRODUCTION = { DATABASE_URL: 'postgresql://localhost/x', MASTER_KEY: masterKey };
/** The text of a usable key with `what` done to it. */
const spoilt = (what: (text: string) => string) => what(masterKey);

/** Releases up to 0.1.0 decoded each of these to 32 bytes, and ran with them. */
const ACCEPTED_BEFORE: readonly [string, string, string][] = [
  ['zeros', Buffer.alloc(32).toString('base64'), 'the same byte 32 times'],
  ['32 times another byte', Buffer.alloc(32, 9).toString('base64'), 'the same byte 32 times'],
  ['a space inside', spoilt((text) => `${text.slice(0, 20)} ${text.slice(20)}`), 'characters'],
  ['signs inside', spoilt((text) => `${text.slice(0, 20)}!*${text.slice(20)}`), 'characters'],
  ['the url alphabet', Buffer.alloc(33, 0xfb).subarray(0, 32).toString('base64url'), 'characters'],
  ['a comma inside', spoilt((text) => `${text.slice(0, 20)},${text.slice(20)}`), 'characters'],
  ['no padding', spoilt((text) => text.slice(0, 43)), 'a wrong end'],
  ['too much padding', spoilt((text) => `${text}=`), 'a wrong end'],
  ['spare bits', `${'A'.repeat(42)}B=`, 'a wrong end'],
];

test.each(ACCEPTED_BEFORE)('a MASTER_KEY with %s is refused, and the error says how to leave it', (_, text, why) => {
  expect(Buffer.from(text, 'base64')).toHaveLength(32);
  expect(() => loadConfig({ ...PRODUCTION, MASTER_KEY: text })).toThrow(
    new RegExp(`MASTER_KEY: expected 32 random bytes .* got ${why}.*MASTER_KEY_PREVIOUS.*hookcast master-key rotate`),
  );
  const left = loadConfig({ ...PRODUCTION, MASTER_KEY_PREVIOUS: text });
  expect(left.previousMasterKeys).toEqual([Buffer.from(text, 'base64')]);
  expect(left.masterKey).toEqual(masterKeyBytes('config'));
});

test('a MASTER_KEY that never was accepted is not told how to leave it, and its text is not repeated', () => {
  expect(() => loadConfig({ ...PRODUCTION, MASTER_KEY: 'aHVudGVyMg==' })).toThrow(/got 7 bytes$/);
  for (const MASTER_KEY of ['hunter2'.repeat(9), ...ACCEPTED_BEFORE.map(([, text]) => text)]) {
    const text = MASTER_KEY.slice(0, 12);
    expect(() => loadConfig({ ...PRODUCTION, MASTER_KEY })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(text) }),
    );
  }
});

test('the line feed at the end of a file with the key is not part of it', () => {
  expect(loadConfig({ ...PRODUCTION, MASTER_KEY: `${masterKey}\n` }).masterKey).toEqual(masterKeyBytes('config'));
});

test('the bootstrap key that the README shows is refused in production, and works on a laptop', async () => {
  const [, BOOTSTRAP_API_KEY] = /^BOOTSTRAP_API_KEY=(\S+) npm start/m.exec(await readDocument('README.md'))!;
  expect(loadConfig({ BOOTSTRAP_API_KEY }).bootstrapApiKey).toBe(BOOTSTRAP_API_KEY);
  expect(() => loadConfig({ ...PRODUCTION, BOOTSTRAP_API_KEY })).toThrow(
    /BOOTSTRAP_API_KEY: expected a key of your own.*hookcast keys revoke/,
  );
});
