/** What is known of one delivery, and how answers and changes add to it. Pure, so that a repeat or an old answer can be tested. */
import type { AttemptRowFragment, ChangeRowFragment, DeliveryFactsFragment } from '../../generated/graphql.ts';

export type DeliveryHistory = {
  readonly facts: DeliveryFactsFragment;
  /** By number, the oldest first. */
  readonly attempts: readonly AttemptRowFragment[];
  readonly changes: readonly ChangeRowFragment[];
  /** Whether there are attempts or changes before these. */
  readonly isCut: boolean;
};

type Loaded = DeliveryFactsFragment & {
  readonly attempts: { readonly nodes: readonly AttemptRowFragment[]; readonly pageInfo: Cut };
  readonly changes: { readonly nodes: readonly ChangeRowFragment[]; readonly pageInfo: Cut };
};
type Cut = { readonly hasPreviousPage: boolean };

export const startHistory = ({ attempts, changes, ...facts }: Loaded): DeliveryHistory => ({
  facts,
  attempts: attempts.nodes,
  changes: changes.nodes,
  isCut: attempts.pageInfo.hasPreviousPage || changes.pageInfo.hasPreviousPage,
});

/** A change that is known already, such as one between the query and the stream, adds nothing. */
export function addChange(
  history: DeliveryHistory,
  change: ChangeRowFragment,
  facts: DeliveryFactsFragment,
): DeliveryHistory {
  const isKnown = history.changes.some(({ cursor }) => cursor === change.cursor);
  return {
    ...withFacts(history, facts),
    attempts: change.attempt ? addAttempt(history.attempts, change.attempt) : history.attempts,
    changes: isKnown ? history.changes : [...history.changes, change],
  };
}

/** The newest facts of two: answers may overtake each other. */
export const withFacts = (history: DeliveryHistory, facts: DeliveryFactsFragment): DeliveryHistory =>
  Date.parse(facts.updatedAt) < Date.parse(history.facts.updatedAt) ? history : { ...history, facts };

function addAttempt(attempts: readonly AttemptRowFragment[], attempt: AttemptRowFragment): AttemptRowFragment[] {
  const others = attempts.filter(({ number }) => number !== attempt.number);
  return [...others, attempt].sort((one, other) => one.number - other.number);
}
