/**
 * Requests with an idempotency key: one runs at a time, and all later ones get its answer.
 *
 *     (none) ─acquire─▶ leased ──answer──▶ answered ──24 h──▶ (none)
 *                       │  ▲
 *        runner is dead,│  │takeover: another runner,
 *        or releases it ▼  │who recalls what was done
 *                       free
 *
 * A lease is a right that lapses. It is kept in a row, so it needs no connection of its own. It is short, because it only
 * decides who waits for whom: a runner that outlives its lease can change nothing any more (effect.ts). The time of Postgres
 * says whether a lease is alive, so the clocks of processes need not agree.
 *
 * A transaction that remembers what it did holds the row until the server has ended it, whatever became of its connection
 * and its process. So while its COMMIT hangs, nobody can take the request over; renewing and releasing skip the row, because
 * they would hang with it. After that, the next runner recalls what was done, or nothing was done and never will be.
 *
 * No statement here waits for a standby or for the disk, except the statement that stores the answer: what a runner does
 * comes later in the log, and takes its lease along.
 */
import type { Clock } from '../clock.ts';
import { firstIdAt, type IdGenerator } from '../domain/ksuid.ts';
import { createHeld, type Held } from '../domain/held-answer.ts';
import type { Seal } from '../domain/seal/seal.ts';
import type { Database } from './client.ts';
import { holdAnswer, openAnswer, sealAnswer } from './held-requests.ts';
import type { KeyHash } from './key-hash.ts';
import { LOCK_NOT_AVAILABLE } from './sql-state.ts';
import { FORGETTABLE, sqlState, type Sql, type Statement } from './statement.ts';
import { effectOf, readEffects, type Effect, type Runner } from './effect.ts';

export type IdempotentRequest = {
  /** The API key that sent the request: the idempotency keys of two API keys never meet. */
  readonly apiKeyId: string;
  readonly key: string;
  /** The hash of what is asked for. The same key with another hash is a conflict. */
  readonly hash: Buffer;
};

export type LeaseOutcome =
  | { readonly state: 'mine'; readonly lease: Lease }
  | { readonly state: 'running' }
  | { readonly state: 'conflict' }
  | { readonly state: 'answered'; readonly response: string };

/** The right to run a request. It lasts until `answer`, `release` or `withdraw` ends it, or its process ends. */
export type Lease = {
  /** What an earlier runner did in this field of the answer; undefined when nothing was done yet. */
  recall(field: string): object | undefined;
  /** The Effect with which this runner remembers what it does in the field. */
  effect(field: string): Effect;
  /** What the answer has of events; whoever runs the request notes it here. */
  readonly held: Held;
  /** Stores the answer for good. False when the request was taken over: then another answer counts. */
  answer(response: string): Promise<boolean>;
  /** Ends the lease: another runner may run the request at once. What was done stays remembered. */
  release(): Promise<void>;
  /** Makes the key free again. Only for a request of which nothing was run. */
  withdraw(): Promise<void>;
};

export type Idempotency = {
  /** What became of the request so far; `mine` when the caller is the one to run it. */
  acquire(request: IdempotentRequest): Promise<LeaseOutcome>;
};

type Options = {
  readonly database: Transacts & Pick<Database, 'pool'>;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  readonly keyHash: Pick<KeyHash, 'of'>;
};

/** How long a key is remembered, from its first request on. */
const KEPT_MS = 86_400_000;
/** After this time the requests of a killed process can be taken over. */
const LEASE_END = "clock_timestamp() + interval '3 seconds'";
const RENEW_MS = 1_000;
/** The limit for storing an answer. The work is done by then: a repeated request is answered from what is remembered. */
const ANSWER_MS = 5_000;

const keptSince = (now: Date): Date => new Date(now.getTime() - KEPT_MS);

export function createIdempotency({ database, clock, ids, seal, keyHash }: Options): Idempotency {
  const sql = database.pool;
  const nothing = () => undefined;
  const leaseOf = (holder: Holder, recall: Lease['recall']) => createLease(database, write, seal, holder, recall);
  const write: Writer = async (statement, values) => (await sql.query({ ...statement, values })).rowCount ?? 0;

  return {
    async acquire({ apiKeyId, key, hash }) {
      for (;;) {
        const now = clock.now();
        const own = { requestId: ids.next(), runner: clock.uuid() };
        const keyOnceErased = keyHash.of(apiKeyId, key);
        const row = [own.requestId, apiKeyId, key, hash, own.runner, now, keyOnceErased];
        if ((await write(ACQUIRE, row)) === 1)
          return { state: 'mine', lease: leaseOf({ ...own, keyOnceErased }, nothing) };

        const values = [apiKeyId, [key, keyOnceErased], keptSince(now)];
        const { rows } = await sql.query<Found>({ name: 'find_request', text: FIND, values });
        const [found] = rows;
        if (!found) continue; // Withdrawn or expired since.
        const { id: requestId } = found;
        if (found.isExpired) await waitBriefly(database, EXPIRE, [requestId]);
        else if (!found.hash.equals(hash)) return { state: 'conflict' };
        else if (found.response) return { state: 'answered', response: openAnswer(seal, requestId, found.response) };
        else if (found.isLeased) return { state: 'running' };
        else {
          const runner = { requestId, runner: own.runner, keyOnceErased };
          if (!(await takeOver(database, runner))) return { state: 'running' };
          // Read after the takeover: by then the last runner's transaction has been committed, or never will be.
          const recall = await readEffects(sql, seal, requestId);
          return { state: 'mine', lease: leaseOf(runner, recall) };
        }
      }
    },
  };
}

type Found = {
  readonly id: string;
  readonly hash: Buffer;
  readonly response: Buffer | null;
  readonly isLeased: boolean;
  readonly isExpired: boolean;
};

type Write = Pick<Statement, 'name' | 'text'>;
/** Returns how many rows it changed. */
type Writer = (write: Write, values: unknown[]) => Promise<number>;
type Transacts = Pick<Database, 'transact' | 'transaction'>;

/** Waits only briefly for a lock: a transaction that hangs may hold it. */
async function waitBriefly({ transact }: Pick<Database, 'transact'>, write: Write, values: unknown[]): Promise<number> {
  const [, , written] = await transact([FORGETTABLE, WAIT_BRIEFLY, { ...write, values }]);
  return written!.rowCount ?? 0;
}

/** False when another runner has taken the request over, or the last runner's transaction is not over yet. */
async function takeOver(database: Transacts, { requestId, runner }: Runner): Promise<boolean> {
  try {
    return (await waitBriefly(database, TAKE_OVER, [requestId, runner])) === 1;
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/** `keyOnceErased`: what stands in place of the key when an event of the request is erased. */
type Holder = Runner & { readonly keyOnceErased: string };

function createLease(database: Transacts, write: Writer, seal: Seal, runner: Holder, recall: Lease['recall']): Lease {
  const { requestId, keyOnceErased } = runner;
  const own = [requestId, runner.runner];
  let renewing = setTimeout(renew, RENEW_MS).unref();
  let isOver = false;

  async function renew(): Promise<void> {
    await write(RENEW, own).catch(() => {}); // A lease that is not renewed is taken over, which is safe.
    if (!isOver) renewing = setTimeout(renew, RENEW_MS).unref();
  }
  const stopRenewing = () => {
    isOver = true;
    clearTimeout(renewing);
  };
  const end = async (statement: Write) => {
    stopRenewing();
    await write(statement, own);
  };
  const held = createHeld();
  return {
    recall,
    held,
    effect: (field) => effectOf(seal, runner, field),
    async answer(response) {
      stopRenewing();
      const eventIds = held.eventIds.size > 0 ? [...held.eventIds] : null;
      const answering = (text: string) => ({
        ...ANSWER,
        values: [...own, sealAnswer(seal, requestId, text), eventIds, keyOnceErased],
      });
      if (held.fields.length > 0) {
        return database.transaction(async (tx) => {
          const text = await holdAnswer(tx, response, held);
          return (await tx.query<Answered>(answering(text))).rows[0]!.isStored;
        });
      }
      const [answered] = await database.transact([answering(response)], { patienceMs: ANSWER_MS });
      return (answered!.rows[0] as Answered).isStored;
    },
    release: () => end(RELEASE),
    withdraw: () => end(WITHDRAW),
  };
}

type Answered = { readonly isStored: boolean };

/** Deletes up to `limit` requests that are past their time, and returns how many. */
export async function forgetRequests(tx: Sql, now: Date, limit: number): Promise<number> {
  return (await tx.query(FORGET, [firstIdAt(keptSince(now)), limit])).rowCount ?? 0;
}

/** Does what FORGETTABLE does, inside a statement that is its own transaction: leases are asked for often. */
const FORGETTABLY = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

const ACQUIRE: Write = {
  name: 'take_lease',
  text: `
  insert into idempotency_requests (id, api_key_id, key, hash, runner, claimed_until, created_at)
  select $1::text, $2::text, $3::text, $4::bytea, $5::uuid, ${LEASE_END}, $6::timestamptz
   where ${FORGETTABLY} and not exists (select from idempotency_requests where api_key_id = $2 and key = $7)
  on conflict (api_key_id, key) do nothing`,
};

const FIND = `
  select id, hash, response, claimed_until > clock_timestamp() as "isLeased", created_at <= $3 as "isExpired"
    from idempotency_requests where api_key_id = $1 and key = any($2)`;

const TAKE_OVER: Write = {
  name: 'take_over_lease',
  text: `
  update idempotency_requests set runner = $2, claimed_until = ${LEASE_END}
   where id = $1 and response is null and claimed_until <= clock_timestamp()`,
};

/** Skips a locked row: the transaction of its request is under way. */
const OWN = `
  select id from idempotency_requests where id = $1 and runner = $2 and response is null for update skip locked`;

const RENEW: Write = {
  name: 'renew_lease',
  text: `update idempotency_requests set claimed_until = ${LEASE_END} where id = (${OWN}) and ${FORGETTABLY}`,
};

// The answer holds all that was done.
const ANSWER: Write = {
  name: 'store_answer',
  text: `
  with answered as (
    update idempotency_requests
       set response = $3, event_ids = $4,
           key = case when exists (select from events e where e.id = any($4) and e.erased_at is not null) then $5 else key end
     where id = $1 and runner = $2 and response is null returning id
  ), forgotten as (
    delete from idempotency_effects where request_id = (select id from answered)
  )
  select exists (select from answered) as "isStored"`,
};

const RELEASE: Write = {
  name: 'release_lease',
  text: `update idempotency_requests set claimed_until = clock_timestamp() where id = (${OWN}) and ${FORGETTABLY}`,
};

const WITHDRAW: Write = {
  name: 'withdraw_request',
  text: `delete from idempotency_requests where id = (${OWN}) and ${FORGETTABLY}`,
};

const EXPIRE: Write = { name: 'expire_request', text: 'delete from idempotency_requests where id = $1' };

/** Limits the wait for the last runner's transaction. A client that asks again finds it over, or is told that it runs. */
const WAIT_BRIEFLY: Statement = {
  name: 'limit_lock_wait',
  text: `select set_config('lock_timeout', '3s', true)`,
  values: [],
};

const FORGET = `
  delete from idempotency_requests
   where id = any(array(select id from idempotency_requests where id < $1 order by id limit $2))`;
