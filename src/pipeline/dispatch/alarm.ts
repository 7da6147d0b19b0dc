/** An alarm: one timer for the earliest of several times. */

export type Alarm = {
  /** Makes it ring at `atMs`, or earlier if it is already set for an earlier time. Undefined changes nothing. */
  setFor(atMs: number | undefined, nowMs: number): void;
  clear(): void;
};

/** Creates an alarm. After a ring it is off until it is set again. It does not keep the process alive. */
export function createAlarm(ring: () => void): Alarm {
  let set: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;
  const onTime = () => {
    set = undefined;
    ring();
  };
  return {
    setFor(atMs, nowMs) {
      if (atMs === undefined || (set && set.atMs <= atMs)) return;
      clearTimeout(set?.timer);
      set = { atMs, timer: setTimeout(onTime, Math.max(1, Math.ceil(atMs - nowMs))).unref() };
    },
    clear: () => clearTimeout(set?.timer),
  };
}
