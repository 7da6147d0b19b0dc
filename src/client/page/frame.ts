/**
 * Calls `run` before the next frame is drawn, and returns how to call it off. A hidden page draws no frames, and a runtime without
 * pages never does: there it is called within a second.
 */
export function onNextFrame(run: () => void): () => void {
  const cancel = (): void => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  const once = (): void => {
    cancel();
    run();
  };
  const hasFrames = typeof requestAnimationFrame === 'function';
  const timer = setTimeout(once, hasFrames ? 1_000 : 16);
  const frame = hasFrames ? requestAnimationFrame(once) : undefined;
  return cancel;
}

/** Calls `run` before the first frame that is drawn after so long, and returns how to call it off. */
export function onFrameAfter(waitMs: number, run: () => void): () => void {
  if (waitMs <= 0) return onNextFrame(run);
  let cancel = (): void => clearTimeout(timer);
  const timer = setTimeout(() => (cancel = onNextFrame(run)), waitMs);
  return () => cancel();
}
