/** The stream of events that a listener follows: whose it is, where it begins, and what comes in it. */
import { createHash } from 'node:crypto';
import { watch, type Results, type WatchState } from '../../client/index.ts';
import type { Clock } from '../../clock.ts';
import { standsFor } from '../../domain/event-types/event-type-pattern.ts';
import { nearMiss } from '../../domain/near-miss.ts';
import { ask } from '../service/ask.ts';
import type { CommandAccess } from '../service/service-access.ts';
import type { Begin, ListenOptions } from './listen-options.ts';
import type { SavedPlace } from './place.ts';

/** Of the service, as far as a listener must know it. */
export type Service = {
  readonly organization: { readonly id: string; readonly name: string };
  readonly apiKey: { readonly name: string };
  readonly webhookBrand: string;
  readonly eventTypes: readonly string[];
};

const SERVICE = `{
  viewer { organization { id name } apiKey { name } webhookBrand }
  eventTypes(filter: {}) { name }
}`;

export async function askForService(access: CommandAccess): Promise<Service> {
  type Data = { viewer: Omit<Service, 'eventTypes'>; eventTypes: { name: string }[] };
  const { viewer, eventTypes } = await ask<Data>(access, { document: SERVICE });
  return { ...viewer, eventTypes: eventTypes.map(({ name }) => name) };
}

/** Says which entries of --events fit no event type: they would wait forever. */
export function explainUnknownTypes(entries: readonly string[], names: readonly string[]): string[] {
  const fits = (entry: string) => names.some((name) => standsFor(entry, name));
  return entries
    .filter((entry) => !fits(entry))
    .map((entry) => {
      const meant = nearMiss(entry, names);
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      return `--events: no event type fits ${JSON.stringify(entry)}.${hint}`;
    });
}

/** The same for equal listeners: those that get the same events and send them to the same receiver. */
export function nameOfListener(url: string, organizationId: string, options: ListenOptions): string {
  const { receiver, eventTypes, payload, customerId } = options;
  const facts = JSON.stringify([url, organizationId, receiver.href, eventTypes?.toSorted(), payload, customerId]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 12);
}

/** Where the listener begins: at its saved place, unless it is told otherwise. */
export async function findBegin(
  access: CommandAccess,
  begin: Begin,
  { saved, clock }: { readonly saved: SavedPlace | undefined; readonly clock: Clock },
): Promise<SavedPlace> {
  if (begin.at === 'SAVED' && saved) return saved;
  const now = clock.now();
  const fresh = { done: [], at: now.toISOString(), since: null };
  if (begin.at === 'CURSOR') return { ...fresh, cursor: begin.cursor };
  const since = begin.at === 'TIME' ? (begin.since(now)?.toISOString() ?? null) : null;
  const { eventStreamCursor: cursor } = await ask<{ eventStreamCursor: string }>(access, {
    document: 'query Begin($at: DateTime) { eventStreamCursor(at: $at) }',
    variables: { at: since },
    options: { at: '--since' },
  });
  return { ...fresh, cursor, since };
}

const EVENTS = `subscription Listen($after: String, $filter: EventStreamFilter) {
  eventPublished(after: $after, filter: $filter) {
    cursor
    lagMs
    event { id body createdAt erasedAt eventType { name } }
  }
}`;

export type StreamedEvent = {
  readonly eventPublished: {
    readonly event: {
      readonly id: string;
      readonly body: string;
      readonly createdAt: string;
      /** Null: it was not erased. */
      readonly erasedAt: string | null;
      readonly eventType: { readonly name: string };
    };
  };
};

type StreamOptions = {
  readonly after: string;
  readonly signal: AbortSignal;
  readonly onState: (state: WatchState, reason?: unknown) => void;
};

export function followEvents(
  access: CommandAccess,
  options: ListenOptions,
  stream: StreamOptions,
): Results<StreamedEvent> {
  const { eventTypes: eventType, payload, customerId } = options;
  const filter = { eventType, payload, customerId };
  return watch<StreamedEvent, object>({ ...access, ...stream, document: EVENTS, variables: { filter } });
}
