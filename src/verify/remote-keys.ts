/** Reads the public keys that a deployment publishes, again and again, so that a rotation needs no work at the receiver. */
import { isPublicKey, type PublicKey } from './keys.ts';

export type RemoteKeysOptions = {
  /** How long keys are used before they are read again; default 300, for which the service lets them be cached. */
  readonly maxAgeSeconds?: number | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Default: the system clock. */
  readonly now?: (() => Date) | undefined;
};

const TIMEOUT_MS = 5_000;
const RETRY_MS = 30_000;

/**
 * Returns a function for the `publicKeys` of every request: it reads the key set (RFC 7517) when it is first called, and
 * again when those keys are too old. When that fails, it goes on with the old keys, and tries again half a minute later.
 * It throws only while it could never read any: answer 5xx then, and the sender will try again.
 *
 * @example
 * ```ts
 * import { createRemoteKeys, verifyWebhook } from '@hookcast/verify';
 *
 * const remoteKeys = createRemoteKeys('https://hookcast.example.com/.well-known/jwks.json');
 *
 * export async function isForUs(request: Request, secrets: string[]): Promise<boolean> {
 *   const [body, publicKeys] = await Promise.all([request.arrayBuffer(), remoteKeys()]);
 *   return (await verifyWebhook({ headers: request.headers, body, publicKeys, secrets })).ok;
 * }
 * ```
 */
export function createRemoteKeys(
  url: string | URL,
  { maxAgeSeconds = 300, fetch = globalThis.fetch, now = () => new Date() }: RemoteKeysOptions = {},
): () => Promise<readonly PublicKey[]> {
  const { href } = new URL(url);
  let known: { readonly keys: readonly PublicKey[]; readonly staleAtMs: number } | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    try {
      const keys = await readKeySet(await fetch(href, { signal: AbortSignal.timeout(TIMEOUT_MS) }));
      known = { keys, staleAtMs: now().getTime() + maxAgeSeconds * 1000 };
    } catch (cause) {
      if (!known) throw new Error(`The public keys at ${href} could not be read.`, { cause });
      known = { ...known, staleAtMs: now().getTime() + RETRY_MS };
    }
  }

  return async () => {
    if (!known || now().getTime() >= known.staleAtMs) {
      // All who wait share one reading.
      await (reading ??= read().finally(() => (reading = undefined)));
    }
    return known!.keys;
  };
}

/** The Ed25519 keys of a key set. Keys of other kinds are skipped, as the RFC asks. */
async function readKeySet(response: Response): Promise<PublicKey[]> {
  if (!response.ok) throw new Error(`expected status 200, got ${response.status}`);
  const { keys } = (await response.json()) as { keys?: unknown };
  const usable = Array.isArray(keys) ? keys.filter(isPublicKey) : [];
  if (usable.length === 0) throw new Error('expected a key set with at least one Ed25519 key');
  return usable;
}
