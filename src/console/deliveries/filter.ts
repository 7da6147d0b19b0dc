/** The filter of the list, as it stands in the address of the page, so that a view can be sent to somebody. */
import type { DeliveryFilter, DeliveryStatus, DeliveryStreamFilter } from '../generated/graphql.ts';
import { isWithin, readTime, writeTime, type MomentRange, type TimeChoice } from '../ui/filter/time-range.ts';

export const STATUSES: readonly DeliveryStatus[] = ['PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED'];

export type DeliveryListFilter = {
  readonly status: readonly DeliveryStatus[];
  /** A name, or a pattern such as `wallet.*`. */
  readonly eventType: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly tag: string;
  readonly time: TimeChoice;
};

const TEXTS = ['eventType', 'targetId', 'eventId', 'tag'] as const;

export function readFilter(search: URLSearchParams): DeliveryListFilter {
  const given = search.getAll('status');
  const text = (name: (typeof TEXTS)[number]): string => search.get(name) ?? '';
  return {
    status: STATUSES.filter((status) => given.includes(status)),
    eventType: text('eventType'),
    targetId: text('targetId'),
    eventId: text('eventId'),
    tag: text('tag'),
    time: readTime(search),
  };
}

export function writeFilter(filter: DeliveryListFilter): URLSearchParams {
  const texts = TEXTS.flatMap((name) => (filter[name] === '' ? [] : [[name, filter[name]]]));
  return new URLSearchParams([
    ...filter.status.map((status) => ['status', status]),
    ...texts,
    ...writeTime(filter.time),
  ] as [string, string][]);
}

export const isFiltered = (filter: DeliveryListFilter): boolean => writeFilter(filter).size > 0;

export const toListFilter = (filter: DeliveryListFilter, range: MomentRange | null): DeliveryFilter => ({
  ...(filter.status.length > 0 && { status: [...filter.status] }),
  ...(range && { createdAt: range }),
  ...toStreamFilter(filter),
});

/** Without the status: a delivery that leaves the list by its new status must be heard of too. */
export const toStreamFilter = ({ eventType, targetId, eventId, tag }: DeliveryListFilter): DeliveryStreamFilter => ({
  ...(eventType !== '' && { eventType: [eventType] }),
  ...(targetId !== '' && { targetId }),
  ...(eventId !== '' && { eventId }),
  ...(tag !== '' && { tags: [tag] }),
});

type Row = { readonly status: DeliveryStatus; readonly createdAt: string };

/** What the stream's filter does not know. */
export const fits = ({ status }: DeliveryListFilter, range: MomentRange | null, row: Row): boolean =>
  (status.length === 0 || status.includes(row.status)) && isWithin(range, row.createdAt);
