/** A JSON value of an example. */
export type ExampleValue =
  string | number | boolean | null | readonly ExampleValue[] | { readonly [name: string]: ExampleValue };

/** One event type as a catalog describes it. */
export type CatalogEntry = {
  readonly name: string;
  /**
   * Lists group by it: account, compliance, customer, hookcast,
   * order, recipient, security, trade, transaction, wallet, webhook.
   */
  readonly category: string;
  readonly displayName: string;
  /** What triggers the event. */
  readonly description: string;
  /** The `data` of a plausible event: what test events send. */
  readonly example: { readonly [name: string]: ExampleValue };
};
