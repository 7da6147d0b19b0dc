/** What was found out about a request before it enters a transaction that others share: it may take time. */
import type { Draft } from './input.ts';

/** An event that has the idempotency key of a draft already. */
export type Repeat = {
  readonly eventId: string;
  /** Which content differs; null: none, so the draft repeats the event. */
  readonly difference: Difference | null;
};

export type Difference = 'eventType' | 'customerId' | 'data';

export type Findings = {
  /** By event type: which version of it the data was checked against. */
  readonly versions: Map<string, string>;
  /** The rule of the type's JSON Schema that the data breaks. */
  readonly violations: Map<Draft, string>;
  readonly repeats: Map<Draft, Repeat>;
  /** Drafts with the idempotency key of an earlier one of the same request, and other content. */
  readonly rivals: Map<Draft, Draft>;
};

export const createFindings = (): Findings => ({
  versions: new Map(),
  violations: new Map(),
  repeats: new Map(),
  rivals: new Map(),
});

/** What a request lacks to be planned. Its publisher finds that out and comes again. */
export type Missing = {
  /** Whose schema, as it is now, the data was not checked against. */
  readonly eventTypes: ReadonlySet<string>;
  /** Drafts that were not compared with the event that has their key. */
  readonly repeats: ReadonlyMap<Draft, string>;
  /** An event of another request has the key, and is being written. */
  readonly isBehind: boolean;
};
