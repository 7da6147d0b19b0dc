/** What `hookcast doctor` finds: one line for each thing that it looked at. */

/** ok; warn: it works, but not as it should; fail: the service does not start, or does not do its work. */
export type FindingStatus = 'ok' | 'warn' | 'fail';

export type Finding = {
  /** What was looked at. */
  readonly check: 'settings' | 'machine' | 'database' | 'rights' | 'clock' | 'key' | 'DNS' | 'egress';
  readonly status: FindingStatus;
  /** What was found, and the cure. */
  readonly text: string;
};

type Find = (check: Finding['check'], text: string) => Finding;

export const isWell: Find = (check, text) => ({ check, status: 'ok', text });
export const isWorrying: Find = (check, text) => ({ check, status: 'warn', text });
export const isBroken: Find = (check, text) => ({ check, status: 'fail', text });
