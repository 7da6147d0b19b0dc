import type { WatchState } from '@hookcast/client';
import { visibleLine } from './visible.ts';

/** By word and shape; the colour only repeats them. No shape is that of a status. */
const WORDS: Readonly<Record<WatchState, readonly [shape: string, words: string]>> = {
  connecting: ['▹', 'Connecting…'],
  live: ['▸', 'Live'],
  behind: ['▸', 'Catching up'],
  reconnecting: ['▹', 'Connection lost. Trying again…'],
  reloading: ['▹', 'Loading again…'],
  ended: ['■', 'Stopped'],
};

type Props = {
  readonly state: WatchState;
  readonly error: unknown;
  /** How old the newest change was when the service sent it; null before the first one. */
  readonly lagMs?: number | null;
};

/** Whether the page shows what happens now, and how late it is. */
export const Connection = ({ state, error, lagMs = null }: Props) => (
  <span
    className="connection"
    data-state={state}
    title={error instanceof Error ? visibleLine(error.message) : undefined}
  >
    <span role="status">
      <span aria-hidden="true">{WORDS[state][0]}</span> {WORDS[state][1]}
    </span>
    {lagMs !== null && (state === 'live' || state === 'behind') && (
      <small className="number" title="How old the newest change was when the service sent it">
        {(lagMs / 1_000).toFixed(1)} s late
      </small>
    )}
  </span>
);
