/** What a target is subscribed to: which events it takes, and what may stand in its list of event types. */
import { userError, type UserError } from '../../errors.ts';
import { unknownEventType } from '../event-types/event-type.ts';
import { patternsOf, standsFor } from '../event-types/event-type-pattern.ts';
import { checkListLength } from '../list.ts';
import { checkStorable, quote, type InputField } from '../text.ts';

/**
 * A global target takes all. For the others each list restricts, unless it is empty. An event that must be named goes only to
 * targets whose list names its type, or a pattern of it: neither to global targets nor to empty lists.
 */
export type TargetSubscription = {
  readonly global: boolean;
  /** Names and patterns. */
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
};

export type SubscribableEvent = {
  readonly eventType: string;
  readonly customerId: string | null;
  /** See domain/event-types/service-event-types.ts. Default: false. */
  readonly mustBeNamed?: boolean;
};

export const takesType = (
  { global, eventTypes }: TargetSubscription,
  { eventType, mustBeNamed = false }: SubscribableEvent,
): boolean =>
  global || eventTypes.length === 0 ? !mustBeNamed : eventTypes.some((entry) => standsFor(entry, eventType));

export const takesCustomer = (
  { global, customerIds }: TargetSubscription,
  { customerId }: SubscribableEvent,
): boolean => global || customerIds.length === 0 || (customerId !== null && customerIds.includes(customerId));

export type KnownEventTypes = ReadonlyMap<string, { readonly archived: boolean }>;

type Rules = {
  /** The entries that the target has already. */
  readonly current: readonly string[];
  readonly known: KnownEventTypes;
};

// To compare two names costs the product of their lengths, for every known name: a thousand typos get a few hints only.
const MOST_SUGGESTIONS = 10;

/**
 * The errors of a list of names and patterns, each with the path of its entry. UNKNOWN_EVENT_TYPE: no event type has this name,
 * or a name that the pattern stands for. Archived types stay with the targets that have them, and are refused as new ones.
 */
export function checkSubscription(field: string, entries: readonly string[], { current, known }: Rules): UserError[] {
  const tooMany = checkListLength(field, entries);
  if (tooMany.length > 0) return tooMany;
  const unstorable = entries.flatMap((entry, index) => checkStorable([field, index], entry));
  if (unstorable.length > 0) return unstorable;

  const isArchived = knownEntries(known);
  const open = [...isArchived].flatMap(([entry, archived]) => (archived ? [] : [entry]));
  const errors: UserError[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = [field, index];
    if (isArchived.get(entry) === false || entries.indexOf(entry) < index) continue;
    if (isArchived.get(entry) === undefined) {
      errors.push(unknownEntry(place, entry, errors.length < MOST_SUGGESTIONS ? open : []));
    } else if (!current.includes(entry)) {
      const message = `Archived, so closed to new subscriptions: ${quote(entry)}.`;
      errors.push(userError('UNKNOWN_EVENT_TYPE', place, message));
    }
  }
  return errors;
}

/** Every known name, and every pattern that stands for a known name. True for what stands only for archived types. */
function knownEntries(known: KnownEventTypes): Map<string, boolean> {
  const isArchived = new Map<string, boolean>();
  for (const [name, { archived }] of known) {
    for (const entry of [name, ...patternsOf(name)]) isArchived.set(entry, archived && (isArchived.get(entry) ?? true));
  }
  return isArchived;
}

function unknownEntry(field: InputField, entry: string, open: readonly string[]): UserError {
  if (entry !== '*') return unknownEventType(field, entry, open);
  const message =
    'Expected names of event types, and patterns such as wallet.*, got "*". For every event type, give an empty list.';
  return userError('UNKNOWN_EVENT_TYPE', field, message);
}
