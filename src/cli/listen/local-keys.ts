/**
 * The keys by which `hookcast listen` signs. They are made on this machine and never leave it: the service never signs for a
 * listener, so nobody can take a forwarded request for one of the service. They stay the same until their file is removed.
 */
import { join } from 'node:path';
import {
  decodeSecret,
  encodeSecret,
  parseSecretKey,
  publicKeyForms,
  signingKeyFromSeed,
  type PublicKeyForms,
  type SigningKeyPair,
} from '../../domain/signing/signature.ts';
import { readOrMakePrivateFile } from '../service/private-file.ts';

export type LocalKeys = {
  readonly signingKey: SigningKeyPair;
  /** `whsec_…`, as a receiver takes it. */
  readonly secret: string;
  readonly publicKey: PublicKeyForms;
};

type Stored = { readonly secret: string; readonly signingKey: string };

const SECRET_BYTES = 24;
const SEED_BYTES = 32;

const localKeysPath = (home: string): string => join(home, 'listen-keys.json');

/** Reads the keys, and makes them when there are none. */
export function readLocalKeys(home: string, randomBytes: (size: number) => Buffer): LocalKeys {
  const make = (): string => {
    const signingKey = `whsk_${randomBytes(SEED_BYTES).toString('base64')}`;
    return `${JSON.stringify({ secret: encodeSecret(randomBytes(SECRET_BYTES)), signingKey }, null, 2)}\n`;
  };
  const path = localKeysPath(home);
  const text = readOrMakePrivateFile(path, make);
  try {
    const { secret, signingKey: seed } = JSON.parse(text) as Stored;
    decodeSecret(secret); // Throws when it is not a secret.
    const signingKey = signingKeyFromSeed('local', parseSecretKey(seed));
    return { signingKey, secret, publicKey: publicKeyForms(signingKey.publicKey) };
  } catch (error) {
    const message = `${path}: ${(error as Error).message}. Remove the file: new keys are made then`;
    throw new Error(message, { cause: error });
  }
}
