/** The filter of the list, as it stands in the address of the page, so that a view can be sent to somebody. */
import { useSearchParams } from 'wouter';
import type { DeliveryFilter, DeliveryStatus, DeliveryStreamFilter } from '../generated/graphql.ts';

export const STATUSES: readonly DeliveryStatus[] = ['PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED'];

export type Filter = {
  readonly status: readonly DeliveryStatus[];
  /** A name, or a pattern such as `wallet.*`. */
  readonly eventType: string;
  readonly targetId: string;
  readonly eventId: string;
};

const TEXTS = ['eventType', 'targetId', 'eventId'] as const;

export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [search, setSearch] = useSearchParams();
  const given = search.getAll('status');
  const filter = {
    status: STATUSES.filter((status) => given.includes(status)),
    eventType: search.get('eventType') ?? '',
    targetId: search.get('targetId') ?? '',
    eventId: search.get('eventId') ?? '',
  };
  const change = (part: Partial<Filter>): void => {
    const next = { ...filter, ...part };
    const entries = TEXTS.flatMap((name) => (next[name] === '' ? [] : [[name, next[name]]]));
    const statuses = next.status.map((status) => ['status', status]);
    setSearch(new URLSearchParams([...statuses, ...entries]), { replace: true });
  };
  return [filter, change];
}

export const isFiltered = ({ status, ...texts }: Filter): boolean =>
  status.length > 0 || TEXTS.some((name) => texts[name] !== '');

export const toListFilter = ({ status, eventType, targetId, eventId }: Filter): DeliveryFilter => ({
  ...(status.length > 0 && { status: [...status] }),
  ...toStreamFilter({ eventType, targetId, eventId }),
});

/** Without the status: a delivery that leaves the list by its new status must be heard of too. */
export const toStreamFilter = ({ eventType, targetId, eventId }: Omit<Filter, 'status'>): DeliveryStreamFilter => ({
  ...(eventType !== '' && { eventType: [eventType] }),
  ...(targetId !== '' && { targetId }),
  ...(eventId !== '' && { eventId }),
});
