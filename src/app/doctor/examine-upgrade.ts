/** What the next start would refuse, or do to the database, before it serves. */
import type pg from 'pg';
import type { DatabaseConnector } from '../../database/connect/database-connection.ts';
import { UnfitDatabase } from '../../database/connect/fitness.ts';
import { missingToMigrate } from '../../database/connect/rights.ts';
import { readDue } from '../../database/migrate/due.ts';
import { unbuiltIndexes } from '../../database/migrate/late-indexes.ts';
import { requireFreeNames } from '../../database/migrate/reserved-names.ts';
import { reservedTypes } from '../../domain/event-types/service-event-types.ts';
import type { CompleteConfig } from '../local.ts';
import { isBroken, isWell, isWorrying, type Finding } from './finding.ts';

export async function* examineUpgrade(
  pool: pg.Pool,
  connector: DatabaseConnector,
  { serviceEvents }: Pick<CompleteConfig, 'serviceEvents'>,
): AsyncGenerator<Finding> {
  try {
    await requireFreeNames(pool, reservedTypes(serviceEvents));
  } catch (error) {
    if (!(error instanceof UnfitDatabase)) throw error;
    yield isBroken('database', error.message);
  }
  const { migrations, isQueueDue } = await readDue(pool, connector);
  const { length } = migrations;
  if (length > 0)
    yield isWorrying('database', `${length} ${length === 1 ? 'migration is' : 'migrations are'} ${TO_COME}`);
  if (isQueueDue) yield isWorrying('database', `tables of the queue (pg-boss) are ${TO_COME}`);
  if (length > 0 || isQueueDue) {
    const missing = await missingToMigrate(pool, connector);
    yield* missing.map((right) => isBroken('rights', `${MAY_NOT_MIGRATE}: ${right}`));
    return;
  }
  const indexes = await unbuiltIndexes(pool);
  if (indexes.length === 0) yield isWell('database', 'it is up to date');
  else yield isWorrying('database', `indexes are to come (${indexes.join(', ')}): ${INDEXES_TO_COME}`);
}

const TO_COME = 'to come: the next start makes them, or hookcast migrate';
const INDEXES_TO_COME =
  'a worker builds them beside publishing, or hookcast migrate, by a role that owns the tables; until then some lists are slow';
const MAY_NOT_MIGRATE =
  'the role may not make what is to come: run hookcast migrate as the owner of the tables, or let an administrator run';
