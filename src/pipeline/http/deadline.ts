/** The time limit of one attempt. */

/** Most requests end sooner, and cost one timer; those that last are looked at this often. */
const WATCH_MS = 100;

type DeadlineListener = {
  /** Every now and then while the attempt lasts. */
  readonly onWatch: () => void;
  readonly onExpire: () => void;
};

/** Returns what ends it. */
export function startDeadline(timeoutMs: number, { onWatch, onExpire }: DeadlineListener): () => void {
  if (timeoutMs <= WATCH_MS) {
    const timer = setTimeout(onExpire, timeoutMs);
    return () => clearTimeout(timer);
  }
  let watch: NodeJS.Timeout | undefined;
  let timer = setTimeout(() => {
    timer = setTimeout(onExpire, timeoutMs - WATCH_MS);
    watch = setInterval(onWatch, WATCH_MS);
    onWatch();
  }, WATCH_MS);
  return () => {
    clearTimeout(timer);
    clearInterval(watch);
  };
}
