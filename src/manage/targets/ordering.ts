/**
 * When a target may ask for order. Processes of the release before end deliveries and release nobody, so the migration writes down
 * until when they may run: a day after the upgrade. A new database has no such date. The next release deletes this file.
 */
import type { Sql } from '../../database/statement.ts';
import type { DeliveryOrdering } from '../../domain/order.ts';
import { userError, type UserError } from '../../errors.ts';

/** Refuses another ordering than NONE while it is too early for that. By the clock of PostgreSQL, which all processes share. */
export async function refuseOrdering(tx: Sql, from: DeliveryOrdering, to: DeliveryOrdering): Promise<UserError[]> {
  if (to === 'NONE' || to === from) return [];
  const { rows } = await tx.query<{ value: string }>(TOO_EARLY);
  if (rows.length === 0) return [];
  const message =
    `Expected NONE until ${rows[0]!.value}, got ${to}: processes of the release before may still run, and know no order. ` +
    'Try again then, or ask the operator, who may know that none of them runs.';
  return [userError('INVALID_STATE', 'ordering', message)];
}

const TOO_EARLY = `select value from settings where name = 'ordering_from' and value::timestamptz > clock_timestamp()`;
