/** The filter of the list, as it stands in the address of the page. */
import { useSearchParams } from 'wouter';
import type { TargetRowFragment, WebhookTargetFilter, WebhookTargetStatus } from '../generated/graphql.ts';
import { TARGET_STATUSES } from '../ui/targets/target-status.tsx';

export type TargetListFilter = { readonly status: readonly WebhookTargetStatus[]; readonly search: string };

export function useTargetFilter(): [TargetListFilter, (change: Partial<TargetListFilter>) => void] {
  const [params, setParams] = useSearchParams();
  const given = params.getAll('status');
  const filter = {
    status: TARGET_STATUSES.filter((status) => given.includes(status)),
    search: params.get('search') ?? '',
  };
  const change = (part: Partial<TargetListFilter>): void => {
    const next = { ...filter, ...part };
    const entries = next.status.map((status) => ['status', status]);
    setParams(new URLSearchParams([...entries, ...(next.search ? [['search', next.search]] : [])]), { replace: true });
  };
  return [filter, change];
}

export const toTargetFilter = ({ status, search }: TargetListFilter): WebhookTargetFilter => ({
  ...(status.length > 0 && { status: [...status] }),
  ...(search !== '' && { search }),
});

/** Whether a target that changed belongs to the list, by the rules of the service. */
export function keeps({ status, search }: TargetListFilter, target: TargetRowFragment): boolean {
  if (target.deletedAt !== null) return false;
  if (status.length > 0 && !status.includes(target.status)) return false;
  const wanted = search.toLowerCase();
  return [target.name, target.description, target.url].some((text) => text?.toLowerCase().includes(wanted));
}
