/** What the history of changes is made of, and who wants to see which of it. */
import type { DeliveryStatus } from '../domain/delivery.ts';
import { checkStorable } from '../domain/text.ts';
import { RequestError } from '../errors.ts';
import type { NewChange } from './changes.ts';
import type { Position } from './cursor.ts';

/** A recorded change and its place. */
export type Facts = NewChange & { readonly position: Position };

/**
 * A committed change of a delivery's status, as every live subscriber is given it: the same object, so that what is
 * loaded for it can be remembered on it (WeakMap). The feed itself does not keep it alive.
 */
export type Change = Facts & {
  /** Resumes after this change. */
  readonly cursor: string;
};

/** Which changes of one organization a subscriber wants. What is not named does not matter; an empty list wants none. */
export type ChangeFilter = {
  readonly organizationId: string;
  readonly status?: readonly DeliveryStatus[];
  readonly targetId?: string;
  readonly eventId?: string;
  readonly deliveryId?: string;
  readonly eventType?: readonly string[];
};

/** The same rule as `conditions` of history.ts. */
export const matches = (filter: ChangeFilter, change: NewChange): boolean =>
  filter.organizationId === change.organizationId &&
  (filter.deliveryId === undefined || filter.deliveryId === change.deliveryId) &&
  (filter.targetId === undefined || filter.targetId === change.targetId) &&
  (filter.eventId === undefined || filter.eventId === change.eventId) &&
  (filter.status === undefined || filter.status.includes(change.status)) &&
  (filter.eventType === undefined || filter.eventType.includes(change.eventType));

/** Throws BAD_USER_INPUT for text that Postgres cannot compare with. */
export function requireStorable(filter: ChangeFilter): void {
  for (const [field, texts] of Object.entries(filter)) {
    for (const text of [texts].flat()) {
      const [error] = checkStorable(field, text);
      if (error)
        throw new RequestError('BAD_USER_INPUT', `\`filter.${field}\`: ${error.message}`, { argument: 'filter' });
    }
  }
}
