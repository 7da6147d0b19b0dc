/**
 * How far the history of deliveries is counted. It is counted in two parts, so that the present never waits for the past:
 *
 *     changes  ├── history ──▶──────────┤├── live ──▶─────────▶ horizon
 *                                       └ the newest change when this release first counted
 *
 * `live` follows the changes of now. `history` are those of before the upgrade, as far as retention has left them; its row goes
 * when it has come to its end. A position is that of a change that was counted, never a bare transaction id (cursor.ts says
 * why), and moves in the transaction that stores its counts.
 */
import type { PoolClient } from 'pg';
import { ORIGIN, type StreamPosition } from '../../../live/cursors/cursor.ts';

export type Part = 'live' | 'history';

export type RollUpProgress = { readonly position: StreamPosition; readonly until: StreamPosition | null };

type Row = {
  readonly xid: string;
  readonly seq: string;
  readonly untilXid: string | null;
  readonly untilSeq: string | null;
};

/** Reads the progress of a part. Undefined: the history is counted. The first call begins both parts. */
export async function readProgress(tx: PoolClient, part: Part): Promise<RollUpProgress | undefined> {
  const found = await find(tx, part);
  if (found || part === 'history') return found;
  await tx.query(BEGIN_BOTH);
  return find(tx, part);
}

async function find(tx: PoolClient, part: Part): Promise<RollUpProgress | undefined> {
  const { rows } = await tx.query<Row>(FIND, [part]);
  return rows[0] && toProgress(rows[0]);
}

const toProgress = ({ xid, seq, untilXid, untilSeq }: Row): RollUpProgress => ({
  position: { xid: BigInt(xid), seq: BigInt(seq) },
  until: untilXid === null ? null : { xid: BigInt(untilXid), seq: BigInt(untilSeq!) },
});

/** The history is at its end. */
export async function endHistory(tx: PoolClient): Promise<void> {
  await tx.query(`delete from statistics_progress where part = 'history'`);
}

/** Up to which change retention may delete: all changes up to it are counted. */
export async function countedThrough(tx: PoolClient): Promise<StreamPosition> {
  const [live, history] = [await find(tx, 'live'), await find(tx, 'history')];
  return history?.position ?? live?.position ?? ORIGIN;
}

const FIND = `
  select xid::text, seq::text, until_xid::text as "untilXid", until_seq::text as "untilSeq"
  from statistics_progress where part = $1`;

const BEGIN_BOTH = `
  with newest as (
    select c.xid, c.seq from delivery_changes c
    where c.xid < pg_snapshot_xmin(pg_current_snapshot()) order by c.xid desc, c.seq desc limit 1
  ), history as (
    insert into statistics_progress (part, xid, seq, until_xid, until_seq)
    select 'history', '0', 0, n.xid, n.seq from newest n
  )
  insert into statistics_progress (part, xid, seq)
  select 'live', coalesce((select n.xid from newest n), '0'), coalesce((select n.seq from newest n), 0)`;
