/** What one request may cost in checks of its data against JSON Schemas, all its events together. */

/** Milliseconds of CPU time. It falls as checks spend it, and may fall below 0. */
export type CheckBudget = { leftMs: number };

const CHECK_BUDGET_MS = 100;

export const createCheckBudget = (): CheckBudget => ({ leftMs: CHECK_BUDGET_MS });

/** Long data takes time whatever the schema: it is read at 40 to 100 MB a second. */
const MS_PER_MIB = 50;

/** The additional budget for data of this many characters. */
export const allowanceMs = (characters: number): number => (characters / 2 ** 20) * MS_PER_MIB;

/** CPU time that this thread has spent. Not time of the clock: a busy machine makes no schema more expensive. */
export function spentCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
