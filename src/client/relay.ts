/** For Relay: the two functions of its network. It imports nothing of Relay, so there is no version to agree on. */
import { postDocument } from './request/execute.ts';
import { resume, type ResultObserver, type ResumeOptions } from './resume.ts';

export type { ResumeOptions, Subscribed } from './resume.ts';

/** What Relay's compiler writes of an operation; persisted ones have no text, and the service takes none. */
type RelayRequest = { readonly text?: string | null };
type RelayVariables = Readonly<Record<string, unknown>>;

export type RelayNetwork = {
  /** For `Network.create`: queries and mutations. Typed so that it suits every version of Relay. */
  readonly fetch: (request: RelayRequest, variables: RelayVariables) => Promise<never>;
  /**
   * For `Observable.create` of relay-runtime: a subscription, which takes `after` from a variable, selects `cursor`, and goes on
   * where it was after every interruption.
   */
  readonly subscribe: (request: RelayRequest, variables: RelayVariables) => (sink: ResultObserver) => () => void;
};

export function relayNetwork(options: ResumeOptions): RelayNetwork {
  const { url, getApiKey } = options;
  return {
    fetch: (request, variables) =>
      postDocument({ url, getApiKey, document: request.text!, variables }) as Promise<never>,
    subscribe: (request, variables) => (sink) => resume({ document: request.text!, variables }, options, sink),
  };
}
