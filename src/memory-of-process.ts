import { totalmem } from 'node:os';

/**
 * How many bytes this process may use: those of its container where it has a limit, else those of the machine. Without a limit the
 * first is 0, or larger than any machine.
 */
export const memoryOfProcess = (): number => Math.min(process.constrainedMemory() || Infinity, totalmem());
