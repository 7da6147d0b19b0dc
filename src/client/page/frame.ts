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
