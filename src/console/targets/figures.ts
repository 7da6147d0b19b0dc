/** The figures of the last 24 hours of each target in the list: read page by page, newest targets first. */
import { useEffect, useState } from 'react';
import { ask, useService } from '../api/service.ts';
import type { TargetFiguresQuery, WebhookTargetFilter } from '../generated/graphql.ts';
import { figureRange } from '../ui/figures/figure-range.ts';
import { MOST_TARGETS, TARGET_FIGURES } from './documents.ts';

/** With the health: an attempt before the stream of attempts was live is seen here only. */
export type Figures = TargetFiguresQuery['webhookTargets']['nodes'][number];

/** A page costs about 4,000: an operation above 5,000 shares the service with nobody. */
const PAGE = 25;

/** `round`: another number reads the figures again. Null: nothing is read. */
export function useFigures(filter: WebhookTargetFilter, round: number | null): ReadonlyMap<string, Figures> {
  const access = useService();
  const [figures, setFigures] = useState<ReadonlyMap<string, Figures>>(new Map());
  const content = JSON.stringify(filter);
  useEffect(() => {
    if (round === null) return;
    const leave = new AbortController();
    const read = async (after: string | null, most: number): Promise<void> => {
      const variables = {
        first: Math.min(PAGE, most),
        after,
        filter: JSON.parse(content) as WebhookTargetFilter,
        range: figureRange('24h', Date.now()),
      };
      const { webhookTargets } = await ask(access, TARGET_FIGURES, variables, leave.signal);
      const { nodes, pageInfo } = webhookTargets;
      setFigures((before) => new Map([...before, ...nodes.map((node) => [node.id, node] as const)]));
      const left = most - nodes.length;
      if (pageInfo.hasNextPage && nodes.length > 0 && left > 0) await read(pageInfo.endCursor, left);
    };
    // Without figures the list is still of use; the next attempt reads them again.
    read(null, MOST_TARGETS).catch(() => {});
    return () => leave.abort();
  }, [access, content, round]);
  return figures;
}
