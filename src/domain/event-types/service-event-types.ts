/** The types of the events that the service publishes itself, and who receives them. */
import { hookcast } from './catalogs/hookcast.ts';

/** Everybody who is subscribed receives these. They stand in the catalog `dakota`. */
const FOR_EVERYBODY = ['target.created', 'target.updated', 'target.deleted', 'api_key.created', 'api_key.deleted'];

const NAMED_ONLY: ReadonlySet<string> = new Set(hookcast.map(({ name }) => name));

/** The types that the service publishes, and nobody else. */
export const SERVICE_EVENT_TYPES: readonly string[] = [...FOR_EVERYBODY, ...NAMED_ONLY];

export const isServiceEventType = (name: string): boolean => FOR_EVERYBODY.includes(name) || NAMED_ONLY.has(name);

/** The types that clients may not publish: none where SERVICE_EVENTS is false. */
export const reservedTypes = (serviceEvents: boolean): readonly string[] => (serviceEvents ? SERVICE_EVENT_TYPES : []);

/** The types that only targets that name them receive: none where SERVICE_EVENTS is false. */
export const namedOnlyTypes = (serviceEvents: boolean): readonly string[] => (serviceEvents ? [...NAMED_ONLY] : []);

/**
 * Whether an event of the service goes only to targets that name its type, or a pattern of it: neither to global targets nor to
 * empty lists. So do the types of the catalog hookcast, and the copies that the first organization gets of events of others.
 * `toldOf`: the organization that the event tells of, where its type may be copied (`mayBeCopy`).
 */
export const mustBeNamed = (
  { eventType, organizationId }: { readonly eventType: string; readonly organizationId: string },
  toldOf: string | undefined,
): boolean => NAMED_ONLY.has(eventType) || (mayBeCopy(eventType) && (toldOf ?? organizationId) !== organizationId);

/** Whether events of this type must be asked of which organization they tell: their type alone does not say who receives them. */
export const mayBeCopy = (eventType: string): boolean => FOR_EVERYBODY.includes(eventType);

/**
 * The organization of which an event of the service tells; undefined:
 * it does not say. `body`: what is sent; empty: nothing is left.
 */
export function organizationToldOf(body: string): string | undefined {
  if (body === '') return undefined;
  const { data } = JSON.parse(body) as { readonly data?: { readonly organizationId?: unknown } | null };
  return typeof data?.organizationId === 'string' ? data.organizationId : undefined;
}
