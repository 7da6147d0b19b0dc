/**
 * What remembered requests (idempotency.ts) hold of events. A request names the events that it published, and those whose data
 * its answer shows, in a column beside the sealed answer: so an erasure finds it, and takes the data out of the answer.
 *
 * Answering and erasing meet on the rows of the events: whoever comes second sees what the first has done.
 */
import type { Held } from '../domain/held-answer.ts';
import { withoutEvents } from '../domain/held-answer.ts';
import type { Seal } from '../domain/seal/seal.ts';
import { holdOffErasure } from './hold-off-erasure.ts';
import { isPlainKey, type KeyHash } from './key-hash.ts';
import type { Sql } from './statement.ts';

/** The place that an answer is sealed for. */
const answerContext = (requestId: string): string => `idempotency-response:${requestId}`;

export const sealAnswer = (seal: Seal, requestId: string, answer: string): Buffer =>
  seal.seal(Buffer.from(answer), answerContext(requestId));

export const openAnswer = (seal: Seal, requestId: string, sealed: Buffer): string =>
  seal.open(sealed, answerContext(requestId)).toString();

/** Keeps the events of an answer from being erased until the commit, and returns the answer without those that are erased. */
export async function holdAnswer(tx: Sql, answer: string, { eventIds }: Held): Promise<string> {
  const erased = await holdOffErasure(tx, eventIds);
  return erased.size > 0 ? withoutEvents(answer, erased) : answer;
}

type Options = { readonly seal: Seal; readonly keyHash: Pick<KeyHash, 'of'> };

/** Takes the data of events out of the answers that show them. In place of a request's key stays its hash. */
export async function eraseFromAnswers(
  tx: Sql,
  eventIds: readonly string[],
  { seal, keyHash }: Options,
): Promise<void> {
  const { rows } = await tx.query<HoldingRow>({ name: 'find_holding_requests', text: HOLDING, values: [eventIds] });
  if (rows.length === 0) return;
  const erased = new Set(eventIds);
  const answers = rows.map(({ id, response }) =>
    response === null ? null : sealAnswer(seal, id, withoutEvents(openAnswer(seal, id, response), erased)),
  );
  const hashes = rows.map(({ apiKeyId, key }) => (key === null ? null : keyHash.of(apiKeyId, key)));
  const values = [rows.map(({ id }) => id), answers, hashes];
  await tx.query({ name: 'store_erased_answers', text: STORE, values });
}

type HoldingRow = {
  readonly id: string;
  readonly apiKeyId: string;
  /** Null: the hash stands there already. */
  readonly key: string | null;
  readonly response: Buffer | null;
};

const HOLDING = `
  select id, api_key_id as "apiKeyId", case when ${isPlainKey('key')} then key end as key, response
  from idempotency_requests where event_ids && $1 order by id for update`;

const STORE = `
  update idempotency_requests r set response = coalesce(new.response, r.response), key = coalesce(new.hash, r.key)
    from unnest($1::text[], $2::bytea[], $3::text[]) as new (id, response, hash)
   where r.id = new.id`;
