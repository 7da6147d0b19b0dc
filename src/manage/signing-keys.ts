/** The deployment's Ed25519 signing keys: made, listed and rotated. domain/signing/signing-key.ts says what each state means. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { lockNumber } from '../database/locks.ts';
import type { Reader, Sql } from '../database/statement.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import type { Seal } from '../domain/seal/seal.ts';
import { publicKeyForms, signingKeyFromSeed } from '../domain/signing/signature.ts';
import { signingKeyState, type SigningKeyDates, type SigningKeyState } from '../domain/signing/signing-key.ts';
import { audit, START, type Authored, type AuditEntry } from './audit.ts';

export type SigningKeyRecord = SigningKeyDates & {
  readonly id: string;
  /** 64 hex characters. */
  readonly publicKeyHex: string;
  /** `whpk_` and base64. */
  readonly publicKey: string;
  readonly state: SigningKeyState;
  readonly createdAt: Date;
};

export type SigningKeys = {
  /** Newest first. */
  list(): Promise<SigningKeyRecord[]>;
  /**
   * Makes the next key. It becomes active after `activateAfterMs`, at the earliest when every worker knows it; the present key
   * goes on beside it for `overlapMs` from then. While a next key waits, no further one is made: the waiting key becomes active
   * sooner, if `activateAfterMs` says so. Returns the next key.
   */
  rotate(caller: Authored, times: RotationTimes): Promise<SigningKeyRecord>;
};

type RotationTimes = { readonly activateAfterMs: number; readonly overlapMs: number };

type Tools = { readonly clock: Clock; readonly ids: IdGenerator; readonly seal: Seal };
type Options = Tools & { readonly database: Database };

/** Workers read the keys every 5 seconds. Three times that is enough even when clocks differ by seconds. */
export const JOINING_MS = 15_000;

const SEED_BYTES = 32;

/** `publicKey`: 64 hex characters. */
export type SigningKeyRow = SigningKeyDates & {
  readonly id: string;
  readonly publicKey: string;
  readonly createdAt: Date;
};

export function createSigningKeys({ database, ...tools }: Options): SigningKeys {
  const { clock, ids } = tools;
  return {
    async list() {
      const { rows } = await database.pool.query<SigningKeyRow>(`${SELECT} order by id desc`);
      return rows.map((row) => toRecord(row, clock.now()));
    },

    rotate: ({ author }, { activateAfterMs, overlapMs }) =>
      database.transaction(async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1)', [lockNumber('signingKeys', database.connector.schema)]);
        const now = clock.now();
        const before = await readSigningKeys(tx);
        await tx.query('delete from signing_keys where expires_at <= $1', [now]);
        const last = await findLast(tx);
        if (last.activeAt > now) {
          const activeAt = later(last.publishedAt, now, activateAfterMs);
          if (activeAt < last.activeAt) await bringForward(tx, last, activeAt, overlapMs);
        } else {
          const publishedAt = new Date(now.getTime() + JOINING_MS);
          const activeAt = later(publishedAt, now, activateAfterMs);
          await tx.query(RETIRE, [last.id, activeAt, new Date(activeAt.getTime() + overlapMs)]);
          await insertKey(tx, tools, { createdAt: now, publishedAt, activeAt });
        }
        await audit(tx, { author, ids, now }, changesBetween(before, await readSigningKeys(tx)));
        return toRecord(await findLast(tx), now);
      }),
  };
}

/** When a clock is set back, the deployment must still have a key. */
const FIRST_KEY_LEAD_MS = 86_400_000;

/**
 * Makes the first key where there is none, published and active since yesterday. Of several processes, only one makes it.
 */
export async function ensureSigningKey(tx: Sql, tools: Tools): Promise<void> {
  const { rowCount } = await tx.query('select from signing_keys where retired_at is null');
  const createdAt = tools.clock.now();
  const since = new Date(createdAt.getTime() - FIRST_KEY_LEAD_MS);
  if (rowCount !== 0) return;
  const before = await readSigningKeys(tx);
  await insertKey(tx, tools, { createdAt, publishedAt: since, activeAt: since });
  const changes = changesBetween(before, await readSigningKeys(tx));
  await audit(tx, { author: START, ids: tools.ids, now: createdAt }, changes);
}

/** Audit entries of the deployment: each key that was made, changed or destroyed, newest first. */
function changesBetween(before: readonly SigningKeyRow[], after: readonly SigningKeyRow[]): AuditEntry[] {
  const [old, now] = [before, after].map((keys) => new Map(keys.map((key) => [key.id, shown(key)])));
  return [...new Set([...now!.keys(), ...old!.keys()])].map((id) => ({
    organizationId: null,
    type: 'SigningKey',
    id,
    before: old!.get(id) ?? null,
    after: now!.get(id) ?? null,
  }));
}

const shown = ({ publicKey: publicKeyHex, publishedAt, activeAt, retiredAt, expiresAt }: SigningKeyRow) => ({
  publicKeyHex,
  publishedAt,
  activeAt,
  retiredAt,
  expiresAt,
});

/** All keys, newest first. `shownKeys` picks those that receivers are shown. */
export async function readSigningKeys(sql: Reader): Promise<SigningKeyRow[]> {
  const text = `${SELECT} order by created_at desc, id desc`;
  return (await sql.query<SigningKeyRow>({ text, values: [] })).rows;
}

async function insertKey(
  tx: Sql,
  { clock, ids, seal }: Tools,
  { createdAt, publishedAt, activeAt }: { createdAt: Date; publishedAt: Date; activeAt: Date },
): Promise<void> {
  const id = ids.next();
  const seed = clock.randomBytes(SEED_BYTES);
  const publicKey = signingKeyFromSeed(id, seed).publicKey.toString('hex');
  await tx.query(INSERT, [id, publicKey, seal.seal(seed, `signing-key:${id}`), createdAt, publishedAt, activeAt]);
}

/** The key without a successor: it is active, or waits to become active. */
async function findLast(tx: Sql): Promise<SigningKeyRow> {
  const { rows } = await tx.query<SigningKeyRow>(`${SELECT} where retired_at is null`);
  if (!rows[0]) throw new Error('There is no signing key yet: start the service once');
  return rows[0];
}

/** The statements go in this order, so that the two keys are never active at once. */
async function bringForward(tx: Sql, next: SigningKeyRow, activeAt: Date, overlapMs: number): Promise<void> {
  const { rows } = await tx.query('select id from signing_keys where retired_at = $1', [next.activeAt]);
  await tx.query(RETIRE, [rows[0].id, activeAt, new Date(activeAt.getTime() + overlapMs)]);
  await tx.query('update signing_keys set active_at = $2 where id = $1', [next.id, activeAt]);
}

const later = (earliest: Date, now: Date, afterMs: number): Date =>
  new Date(Math.max(earliest.getTime(), now.getTime() + afterMs));

function toRecord({ publicKey, ...row }: SigningKeyRow, now: Date): SigningKeyRecord {
  const forms = publicKeyForms(Buffer.from(publicKey, 'hex'));
  const { id, createdAt, publishedAt, activeAt, retiredAt, expiresAt } = row;
  const dates = { createdAt, publishedAt, activeAt, retiredAt, expiresAt };
  const { publicKeyHex, publicKey: text } = forms;
  return { id, state: signingKeyState(row, now), publicKeyHex, publicKey: text, ...dates };
}

const SELECT = `
  select id, public_key as "publicKey", created_at as "createdAt", published_at as "publishedAt",
    active_at as "activeAt", retired_at as "retiredAt", expires_at as "expiresAt"
  from signing_keys`;

const RETIRE = 'update signing_keys set retired_at = $2, expires_at = $3 where id = $1';

const INSERT = `
  insert into signing_keys (id, public_key, sealed, created_at, published_at, active_at)
  values ($1, $2, $3, $4, $5, $6)
  on conflict do nothing`;
