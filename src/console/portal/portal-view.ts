/** What the portal knows of its session, for the pages to watch. */

/**
 * missing, refused   no page was shown: there is no token, or the service does not take it
 * unreachable        no page was shown: the service did not answer
 * ended              the pages stay, but the token is no longer taken, and nobody gives another one
 */
export type PortalState = 'checking' | 'open' | 'ended' | 'missing' | 'refused' | 'unreachable';

export type PortalView = {
  readonly state: PortalState;
  /** Grows with each token that was taken after the first: scopes may be others. */
  readonly renewals: number;
};

export function createPortalView() {
  let view: PortalView = { state: 'checking', renewals: 0 };
  const listeners = new Set<() => void>();
  return {
    getSnapshot: (): PortalView => view,
    show(state: PortalState, renewals = view.renewals): void {
      view = { state, renewals };
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
