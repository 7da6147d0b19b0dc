/**
 * What a mutation with an idempotency key did, stored in the transaction that did it. After a crash, the next runner of the
 * request answers from it instead of doing the work again.
 *
 * Only the runner that holds the request's lease may do anything, and its transaction proves that with the same row. When
 * the lease has been taken over, the row is refused, and the transaction with it. Otherwise the lease stays until the commit,
 * because a takeover waits for the lock.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Seal } from '../domain/seal/seal.ts';
import { RequestError } from '../errors.ts';
import type { Sql, Statement } from './statement.ts';

/** A mutation field of a request that has an idempotency key. */
export type Effect = {
  /** Makes what is remembered of the field. `result` is all that the payload of the field needs, as JSON. */
  memoryOf(result: object): RememberedEffect;
};

export type RememberedEffect = {
  readonly requestId: string;
  readonly runner: string;
  readonly field: Buffer;
  readonly sealed: Buffer;
};

/** The process that runs a request at the moment. */
export type Runner = { readonly requestId: string; readonly runner: string };

/** Remembers what the transaction did, and returns it. Without idempotency key, `effect` is undefined and costs nothing. */
export async function remember<T extends object>(tx: Sql, effect: Effect | undefined, result: T): Promise<T> {
  if (!effect) return result;
  try {
    await tx.query(remembering([effect.memoryOf(result)]));
  } catch (error) {
    throw isLeaseLost(error) ? leaseLost() : error;
  }
  return result;
}

/** The statement that remembers effects of one request or several. It fails (`isLeaseLost`) when one was taken over. */
export const remembering = (memories: readonly RememberedEffect[]): Statement => ({
  name: 'remember_effects',
  text: REMEMBER,
  values: [
    memories.map(({ requestId }) => requestId),
    memories.map(({ runner }) => runner),
    memories.map(({ field }) => field),
    memories.map(({ sealed }) => sealed),
  ],
});

// Without the lease the id is null, which the column refuses.
const REMEMBER = `
  insert into idempotency_effects (request_id, field, result)
  select (select r.id from idempotency_requests r where r.id = new.request_id and r.runner = new.runner for share),
    new.field, new.result
  from unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[]) as new (request_id, runner, field, result)`;

const NOT_NULL_VIOLATION = '23502';

export const isLeaseLost = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === NOT_NULL_VIOLATION && error.table === 'idempotency_effects';

/** The error for a runner that works on after its request was taken over: nothing of its work was kept. */
export const leaseLost = (): RequestError =>
  new RequestError('IDEMPOTENCY_IN_PROGRESS', 'Another process has taken over the request with this idempotency key.');

/** `field` is its name in the answer: the alias, or the field's own name. */
export function effectOf(seal: Seal, { requestId, runner }: Runner, field: string): Effect {
  const hash = hashField(field);
  return {
    memoryOf: (result) => ({
      requestId,
      runner,
      field: hash,
      sealed: seal.seal(Buffer.from(JSON.stringify(result)), contextOf(requestId, hash)),
    }),
  };
}

/** What earlier runners of the request did, by field. */
export async function readEffects(
  sql: Sql,
  seal: Seal,
  requestId: string,
): Promise<(field: string) => object | undefined> {
  const { rows } = await sql.query<{ field: Buffer; result: Buffer }>(READ, [requestId]);
  const results = new Map(rows.map(({ field, result }) => [field.toString('hex'), result]));
  return (field) => {
    const hash = hashField(field);
    const sealed = results.get(hash.toString('hex'));
    return sealed && JSON.parse(seal.open(sealed, contextOf(requestId, hash)).toString());
  };
}

const READ = 'select field, result from idempotency_effects where request_id = $1';

/** Hashed because clients choose the names, and a name may be longer than an index takes. */
const hashField = (field: string): Buffer => createHash('sha256').update(field).digest();

const contextOf = (requestId: string, field: Buffer): string =>
  `idempotency-effect:${requestId}:${field.toString('hex')}`;
