/**
 * The life of one of the deployment's signing keys. It follows from the key's dates, which a rotation writes once, ahead
 * of time: a process that has read them needs no further message.
 *
 *     JOINING ──publishedAt──▶ PUBLISHED ──activeAt──▶ ACTIVE ──retiredAt──▶ RETIRING ──expiresAt──▶ EXPIRED
 *
 *     state      signs webhook-signature     in signingKeys and the JWKS     signs X-Webhook-Signature
 *     JOINING    where it is known already   no                              no
 *     PUBLISHED  yes                         yes                             no
 *     ACTIVE     yes                         yes                             yes: exactly one key does
 *     RETIRING   yes                         yes                             no
 *     EXPIRED    no                          no                              no
 *
 * JOINING lasts until every worker has read the key, so a receiver that trusts only published keys never meets a request
 * without their signatures. PUBLISHED gives receivers that verify X-Webhook-Signature, which carries one signature only,
 * the time to trust the next key beside the present one.
 */

export const SIGNING_KEY_STATES = ['JOINING', 'PUBLISHED', 'ACTIVE', 'RETIRING', 'EXPIRED'] as const;

export type SigningKeyState = (typeof SIGNING_KEY_STATES)[number];

export type SigningKeyDates = {
  readonly publishedAt: Date;
  readonly activeAt: Date;
  /** When its successor becomes active; null while it has no successor. */
  readonly retiredAt: Date | null;
  readonly expiresAt: Date | null;
};

export function signingKeyState(
  { publishedAt, activeAt, retiredAt, expiresAt }: SigningKeyDates,
  now: Date,
): SigningKeyState {
  if (expiresAt !== null && expiresAt <= now) return 'EXPIRED';
  if (retiredAt !== null && retiredAt <= now) return 'RETIRING';
  if (activeAt <= now) return 'ACTIVE';
  return publishedAt <= now ? 'PUBLISHED' : 'JOINING';
}

/**
 * The keys that receivers are shown: the ACTIVE one first, because some receivers take the first one; then the PUBLISHED
 * one, then the RETIRING ones, the latest first.
 */
export function shownKeys<Key extends SigningKeyDates>(keys: readonly Key[], now: Date): Key[] {
  return SHOWN.flatMap((state) =>
    keys
      .filter((key) => signingKeyState(key, now) === state)
      .sort((a, b) => b.activeAt.getTime() - a.activeAt.getTime()),
  );
}

const SHOWN: readonly SigningKeyState[] = ['ACTIVE', 'PUBLISHED', 'RETIRING'];

/** How long receivers may keep the key set that they have read. */
export const KEY_SET_MAX_AGE_SECONDS = 300;
