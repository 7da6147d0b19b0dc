import { totalmem } from 'node:os';

/** How many bytes this process may use: those of its container where it has a limit, else those of the machine. */
export const memoryOfProcess = (): number => Math.min(process.constrainedMemory() || Infinity, totalmem());
