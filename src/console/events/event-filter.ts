/** The filter of the list of events, as it stands in the address of the page. */
import type { EventFilter, EventStreamFilter } from '../generated/graphql.ts';
import { readTime, writeTime, type MomentRange, type TimeChoice } from '../ui/filter/time-range.ts';

export type EventListFilter = {
  /** A name, or a pattern such as `wallet.*`. */
  readonly eventType: string;
  readonly customerId: string;
  readonly tag: string;
  readonly time: TimeChoice;
};

const TEXTS = ['eventType', 'customerId', 'tag'] as const;

export const readEventFilter = (search: URLSearchParams): EventListFilter => ({
  eventType: search.get('eventType') ?? '',
  customerId: search.get('customerId') ?? '',
  tag: search.get('tag') ?? '',
  time: readTime(search),
});

export const writeEventFilter = (filter: EventListFilter): URLSearchParams =>
  new URLSearchParams([
    ...TEXTS.flatMap((name): [string, string][] => (filter[name] === '' ? [] : [[name, filter[name]]])),
    ...writeTime(filter.time),
  ]);

/** `range`: what the chosen time means, from the moment at which it was chosen. */
export const toEventFilter = (filter: EventListFilter, range: MomentRange | null): EventFilter => ({
  ...toEventStreamFilter(filter),
  ...(range && { createdAt: range }),
});

export const toEventStreamFilter = ({ eventType, customerId, tag }: EventListFilter): EventStreamFilter => ({
  ...(eventType !== '' && { eventType: [eventType] }),
  ...(customerId !== '' && { customerId }),
  ...(tag !== '' && { tags: [tag] }),
});
