import type { WatchState } from '@hookcast/client';

const WORDS: Readonly<Record<WatchState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  behind: 'Catching up',
  reconnecting: 'Connection lost. Trying again…',
  reloading: 'Loading again…',
  ended: 'Stopped',
};

/** Whether the page shows what happens now. */
export const Connection = ({ state, error }: { readonly state: WatchState; readonly error: unknown }) => (
  <span
    className="connection"
    data-state={state}
    role="status"
    title={error instanceof Error ? error.message : undefined}
  >
    <span aria-hidden="true">●</span> {WORDS[state]}
  </span>
);
