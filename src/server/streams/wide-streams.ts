/**
 * The streams of this process that may look far ahead. Each of them may hold a quarter of a megabyte of answers when its
 * client suddenly stops reading, until its source takes its changes back. So they are few. The others look ahead a little.
 */
export type WideStream = {
  /** Looks ahead no further than every stream may. */
  narrow(): void;
};

export type WideStreams = {
  /** Whether the stream may look far ahead. Call it whenever the stream needs to: a place that is not used goes to another. */
  use(stream: WideStream): boolean;
  leave(stream: WideStream): void;
};

/** How long a place is kept for a stream that does not ask. */
const KEPT_MS = 1_000;

export function createWideStreams(places: number, monotonicMs: () => number): WideStreams {
  const lastUsed = new Map<WideStream, number>(); // The one that asked longest ago comes first.

  const makeRoom = (nowMs: number): boolean => {
    if (lastUsed.size < places) return true;
    const [[oldest, usedMs] = []] = lastUsed;
    if (!oldest || nowMs - usedMs! < KEPT_MS) return false;
    lastUsed.delete(oldest);
    oldest.narrow();
    return true;
  };

  return {
    use(stream) {
      const nowMs = monotonicMs();
      if (!lastUsed.delete(stream) && !makeRoom(nowMs)) return false;
      lastUsed.set(stream, nowMs);
      return true;
    },
    leave: (stream) => void lastUsed.delete(stream),
  };
}
