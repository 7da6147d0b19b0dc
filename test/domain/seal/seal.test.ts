import { createDecipheriv, createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { createManualClock } from '../../support/clock.ts';
import { masterKeyBytes } from '../../support/master-key.ts';

const CONTEXT = 'target-secret:org:target';

function setup() {
  const { randomBytes } = createManualClock();
  const masterKey = masterKeyBytes('seal');
  return {
    masterKey,
    randomBytes,
    seal: createSeal(masterKey, randomBytes),
    plain: Buffer.from('a secret of 24 bytes ...'),
  };
}

test('opens what it sealed, for the same context', () => {
  const { seal, plain } = setup();
  expect(seal.open(seal.seal(plain, CONTEXT), CONTEXT)).toEqual(plain);
  expect(seal.open(seal.seal(Buffer.alloc(0), CONTEXT), CONTEXT)).toEqual(Buffer.alloc(0));
});

test('opens a view into a larger buffer, as a database driver may hand it over', () => {
  const { seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  const within = new Uint8Array(Buffer.concat([Buffer.alloc(5), sealed, Buffer.alloc(5)]));
  expect(seal.open(within.subarray(5, 5 + sealed.length), CONTEXT)).toEqual(plain);
});

test('writes version, key id, nonce, tag and ciphertext, in this order', () => {
  const { masterKey, seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  expect(sealed).toHaveLength(33 + plain.length);
  expect(sealed[0]).toBe(1);
  expect(sealed.subarray(1, 5)).toEqual(createHash('sha256').update(masterKey).digest().subarray(0, 4));
  const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(5, 17));
  decipher.setAAD(Buffer.from(CONTEXT)).setAuthTag(sealed.subarray(17, 33));
  expect(Buffer.concat([decipher.update(sealed.subarray(33)), decipher.final()])).toEqual(plain);
});

test('never uses a nonce twice', () => {
  const { seal, plain } = setup();
  const nonces = Array.from({ length: 100 }, () => seal.seal(plain, CONTEXT).subarray(5, 17).toString('hex'));
  expect(new Set(nonces).size).toBe(100);
});

test('does not open in another context', () => {
  const { seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  expect(() => seal.open(sealed, 'target-secret:other-org:target')).toThrow('sealed for another place');
});

test('says so when it was sealed under another master key', () => {
  const { randomBytes, seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  const other = createSeal(masterKeyBytes('other'), randomBytes);
  expect(() => other.open(sealed, CONTEXT)).toThrow(/sealed under master key [0-9a-f]{8}, .* runs with [0-9a-f]{8}/);
  expect(() => other.open(sealed, CONTEXT)).toThrow('MASTER_KEY');
});

test('opens what another key sealed when it is given that key, and seals under its own', () => {
  const { randomBytes, masterKey, seal, plain } = setup();
  const next = createSeal(masterKeyBytes('other'), randomBytes, [masterKey]);
  expect(next.open(seal.seal(plain, CONTEXT), CONTEXT)).toEqual(plain);
  const sealed = next.seal(plain, CONTEXT);
  expect(sealed.subarray(1, 5)).toEqual(next.keyId);
  expect(() => seal.open(sealed, CONTEXT)).toThrow('MASTER_KEY_PREVIOUS');
  expect(createSeal(masterKey, randomBytes, [masterKeyBytes('other')]).open(sealed, CONTEXT)).toEqual(plain);
});

test('does not open when any single bit was changed or any byte is missing', () => {
  const { seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => seal.open(changed, CONTEXT), `bit ${bit}`).toThrow(CONTEXT);
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => seal.open(sealed.subarray(0, length), CONTEXT), `${length} bytes`).toThrow(CONTEXT);
  }
});

test('names neither key nor plain text when it does not open', () => {
  const { masterKey, seal, plain } = setup();
  const sealed = seal.seal(plain, CONTEXT);
  sealed[40]! ^= 1;
  try {
    seal.open(sealed, CONTEXT);
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain(masterKey.toString('hex'));
    expect(String(error)).not.toContain('a secret');
  }
});

test('takes a master key of 32 bytes only', () => {
  const { randomBytes } = setup();
  expect(() => createSeal(Buffer.alloc(31), randomBytes)).toThrow('expected a master key of 32 bytes, got 31');
});
