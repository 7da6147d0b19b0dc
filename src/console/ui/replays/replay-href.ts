/** The address of the page that replays, filled in for what another page shows. */
import type { ReplayMode } from '../../generated/graphql.ts';

type Scope = {
  readonly mode: ReplayMode;
  readonly targetId?: string;
  /** ISO dates; of when the events were published. Left out: the last day, until now. */
  readonly from?: string;
  readonly until?: string;
  /** Names and patterns, with spaces between them. */
  readonly eventTypes?: string;
};

/** Nothing is sent there before it was counted and confirmed. Texts that are empty restrict nothing. */
export const replayHref = (scope: Scope): string =>
  `/replays/new?${new URLSearchParams(Object.entries(scope).filter(([, value]) => value !== ''))}`;
