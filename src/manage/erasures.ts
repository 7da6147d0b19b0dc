/**
 * Erasures as people ask for them: of one event, of a customer's events,
 * or of the events with a tag. Workers run them (pipeline/erasure/).
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { Sql } from '../database/statement.ts';
import type { ErasureScope } from '../domain/erasure.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import { MAX_CUSTOMER_ID } from '../domain/targets/target.ts';
import { MAX_TAG } from '../domain/tags.ts';
import { checkText } from '../domain/text.ts';
import { fail, succeed, userError, type Result } from '../errors.ts';
import { audit, type AuditedCaller } from './audit.ts';

/** Null and undefined: not given. */
export type EraseInput = {
  readonly eventId?: string | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly tag?: string | null | undefined;
  readonly before?: Date | null | undefined;
};

export type Erasures = {
  /**
   * Begins an erasure, of what was published before a time; a time in the future is now. REQUIRED or INVALID unless exactly one
   * of event, customer and tag is given; TOO_LONG; NOT_FOUND.
   */
  create(caller: AuditedCaller, input: EraseInput, effect?: Effect): Promise<Result<{ erasureId: string }>>;
};

type Options = {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly clock: Clock;
  readonly ids: IdGenerator;
};

export function createErasures({ database, clock, ids }: Options): Erasures {
  return {
    async create(caller, input, effect) {
      const found = await findScope(database.pool, caller, input);
      if (!found.ok) return found;
      const { organizationId, scope } = found.value;
      return database.transaction(async (tx) => {
        const [id, now] = [ids.next(), clock.now()];
        const before = new Date(Math.min((input.before ?? now).getTime(), now.getTime()));
        await insertErasure(tx, { id, organizationId, scope, before, now });
        const { kind: _, ...named } = scope;
        const change = { organizationId, type: 'Erasure', id, before: null, after: { ...named, before } } as const;
        await audit(tx, { author: caller.author, ids, now }, [change]);
        return succeed(await remember(tx, effect, { erasureId: id }));
      });
    },
  };
}

type Found = { readonly organizationId: string; readonly scope: ErasureScope };

async function findScope(sql: Sql, caller: Principal, input: EraseInput): Promise<Result<Found>> {
  const { organizationId } = caller;
  const { eventId = null, customerId = null, tag = null } = input;
  const named = (['eventId', 'customerId', 'tag'] as const).filter((name) => input[name] != null);
  if (named.length > 1) return fail(severalNamed(named));
  if (customerId !== null) {
    const mistakes = checkText('customerId', customerId, { most: MAX_CUSTOMER_ID, required: true });
    return mistakes.length > 0
      ? fail(...mistakes)
      : succeed({ organizationId, scope: { kind: 'customer', customerId } });
  }
  if (tag !== null) {
    const mistakes = checkText('tag', tag, { most: MAX_TAG, required: true });
    return mistakes.length > 0 ? fail(...mistakes) : succeed({ organizationId, scope: { kind: 'tag', tag } });
  }
  return eventId === null ? fail(NOTHING_NAMED) : findEvent(sql, caller, eventId);
}

async function findEvent(sql: Sql, caller: Principal, eventId: string): Promise<Result<Found>> {
  const { rows } = isId(eventId)
    ? await sql.query<{ organizationId: string }>(EVENT_OWNER, [eventId, reach(caller)])
    : { rows: [] };
  const organizationId = rows[0]?.organizationId;
  if (organizationId === undefined) return fail(notFound('event', eventId, 'eventId'));
  return succeed({ organizationId, scope: { kind: 'event', eventId } });
}

const EVENT_OWNER = `
  select organization_id as "organizationId" from events
   where id = $1 and ($2::text is null or organization_id = $2)`;

const NOTHING_NAMED = userError(
  'REQUIRED',
  null,
  'Expected exactly one of eventId, customerId and tag, got none. Name what is to be erased.',
);
const severalNamed = (names: readonly string[]) =>
  userError(
    'INVALID',
    names[1]!,
    `Expected exactly one of eventId, customerId and tag, got ${names.join(' and ')}. Call eraseEventData once for each.`,
  );

type NewErasure = Found & { readonly id: string; readonly before: Date; readonly now: Date };

/** A worker finds the row within a second. */
export async function insertErasure(tx: Sql, { id, organizationId, scope, before, now }: NewErasure): Promise<void> {
  const eventId = scope.kind === 'event' ? scope.eventId : null;
  const customerId = scope.kind === 'customer' ? scope.customerId : null;
  const tag = scope.kind === 'tag' ? scope.tag : null;
  await tx.query(INSERT, [id, organizationId, eventId, customerId, tag, before, now]);
}

const INSERT = `
  insert into erasures (id, organization_id, status, event_id, customer_id, tag, before, created_at)
  values ($1, $2, 'RUNNING', $3, $4, $5, $6, $7)`;
