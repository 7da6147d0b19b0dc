/**
 * Makes each signature of a request good for one use. An accepted signature is kept in Postgres for as long as it could
 * be accepted again. So every process refuses a recorded request, after a restart too.
 *
 * The signature is on disk before the request runs, but it does not wait for a standby. What the request writes comes
 * later in the log, so a failover that loses the signature loses those writes too.
 *
 * A client signs each repeat anew, with or without the same idempotency key: another time makes another signature.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { LOCALLY_DURABLE } from '../database/statement.ts';
import {
  judgeSignature,
  refuseSignature,
  type SignatureRefusal,
  type SignedApiRequest,
  SIGNATURE_TOLERANCE_MS,
} from '../domain/signing/signed-api-request.ts';

export type Signatures = {
  /** Null: the request is signed, and its signature is now used up. Rejects when the database does. */
  use(publicKey: string, request: SignedApiRequest): Promise<SignatureRefusal | null>;
};

type Options = { readonly database: Pick<Database, 'transact'>; readonly clock: Clock };

/** A signature is kept this much longer than it is valid, for processes whose clocks are behind. */
const CLOCK_SKEW_MS = 300_000;

export function createSignatures({ database, clock }: Options): Signatures {
  return {
    async use(publicKey, request) {
      const judged = judgeSignature(publicKey, request, clock.now());
      if (!judged.ok) return judged.refusal;
      const expiresAt = new Date(judged.signedAt.getTime() + SIGNATURE_TOLERANCE_MS + CLOCK_SKEW_MS);
      const [, used] = await database.transact([LOCALLY_DURABLE, { ...USE, values: [judged.signature, expiresAt] }]);
      return used!.rowCount === 1
        ? null
        : refuseSignature(
            'REPLAYED',
            'The signature of this request was used before. Sign every request anew, repeats too.',
          );
    },
  };
}

const USE = {
  name: 'use_signature',
  text: 'insert into used_signatures (signature, expires_at) values ($1, $2) on conflict do nothing',
};
