/** What was found out about a request before it enters a shared transaction, because to find it out may take time. */
import type { Draft } from './input.ts';

/** An earlier event with the idempotency key of a draft. */
export type Repeat = {
  readonly eventId: string;
  /** Which content differs; null: nothing differs, so the draft repeats the event. */
  readonly difference: Difference | null;
};

export type Difference = 'eventType' | 'customerId' | 'orderingKey' | 'data';

export type Findings = {
  /** For each event type, the version that the data was checked against. */
  readonly versions: Map<string, string>;
  /** For each draft with invalid data, the rule of the type's JSON Schema that the data breaks. */
  readonly violations: Map<Draft, string>;
  readonly repeats: Map<Draft, Repeat>;
  /** Drafts with the same idempotency key as an earlier draft of the same request, but other content. */
  readonly rivals: Map<Draft, Draft>;
};

export const createFindings = (): Findings => ({
  versions: new Map(),
  violations: new Map(),
  repeats: new Map(),
  rivals: new Map(),
});

/** What must still be found out about a request. Its publisher does that and tries again. */
export type Missing = {
  /** Event types with a present schema that the data was not checked against. */
  readonly eventTypes: ReadonlySet<string>;
  /** Drafts that were not compared with the event that has their key, and the ids of these events. */
  readonly repeats: ReadonlyMap<Draft, string>;
  /** True when the same transaction writes an event of another request with the same key. */
  readonly isBehind: boolean;
  /** True when a target wants the events in order: such a request joins the transactions of ordered ones, which take locks. */
  readonly isOrdered: boolean;
};

/** Nothing but that: the request belongs among the ordered ones, or is to join another transaction of them. */
export const IS_ORDERED: Missing = { eventTypes: new Set(), repeats: new Map(), isBehind: false, isOrdered: true };
