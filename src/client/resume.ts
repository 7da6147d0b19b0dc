/** A subscription of another GraphQL client, resumed: what its link, exchange or network function calls. */
import { type AnyDocument } from './request/print-document.ts';
import { readDocument } from './request/read-document.ts';
import type { ServiceAccess } from './request/execute.ts';
import type { GraphqlFault } from './request/watch-error.ts';
import type { WatchOptions, WatchState } from './watch-options.ts';
import { watch } from './watch.ts';

/** A subscription as the other client sends it. */
export type Subscribed = {
  readonly document: AnyDocument<never, never>;
  readonly variables: Readonly<Record<string, unknown>>;
};

export type ResumeOptions = ServiceAccess &
  Pick<WatchOptions<never, never>, 'transport' | 'delayMs'> & {
    /**
     * Loads again what the subscription keeps current, and returns the cursor of that moment. It is called when a cursor is too
     * old, and at the start of a subscription that has no `after` among its variables. Without it such a subscription begins now,
     * and one whose cursor is too old ends with CURSOR_EXPIRED.
     */
    readonly reload?: ((subscribed: Subscribed) => Promise<string>) | undefined;
    readonly onState?: ((state: WatchState, reason: unknown, subscribed: Subscribed) => void) | undefined;
  };

/** What the other clients call an observer. */
export type ResultObserver = {
  next(result: { data: Record<string, unknown>; errors?: GraphqlFault[] }): void;
  error(error: unknown): void;
  complete(): void;
};

/** Begins after `after` among the variables, and after each interruption where it was. Returns how to stop. */
export function resume(subscribed: Subscribed, options: ResumeOptions, observer: ResultObserver): () => void {
  const { document, variables } = subscribed;
  const { reload, onState, ...access } = options;
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    const begin = variables[readDocument(document).afterVariable] as string | null | undefined;
    const results = watch<Record<string, unknown>, object>({
      ...access,
      document: document as AnyDocument<Record<string, unknown>, object>,
      variables,
      store: { load: () => begin ?? null, save: () => {} },
      after: reload && (() => reload(subscribed)),
      signal: stop.signal,
      onState: onState && ((state, reason) => onState(state, reason, subscribed)),
    });
    for await (const { data, errors } of results) observer.next({ data, ...(errors && { errors: [...errors] }) });
  };
  run().then(
    () => observer.complete(),
    (error: unknown) => observer.error(error),
  );
  return () => stop.abort();
}
