/** What the two transports have in common. */
import type { GraphqlFault } from '../request/watch-error.ts';

/** One result as the service sends it. */
export type StreamResult = { readonly data?: unknown; readonly errors?: readonly GraphqlFault[] };

/** One attempt to follow a stream. */
export type StreamRequest = {
  readonly url: string;
  readonly apiKey: string;
  readonly organizationId?: string | undefined;
  readonly payload: { readonly query: string; readonly variables: object };
  /** Ends the connection at once. */
  readonly signal: AbortSignal;
  /** Called when the service has let this client in. */
  readonly onOpen: () => void;
};

/**
 * Yields results until the connection ends. The end is always an error, and says why: also `complete`, because a stream of changes
 * has no last one.
 */
export type TransportConnect = (options: StreamRequest) => AsyncGenerator<StreamResult, never, undefined>;

/** How long a connection may take to be let in, in milliseconds. */
export const ADMISSION_MS = 10_000;
