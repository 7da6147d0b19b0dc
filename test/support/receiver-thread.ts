/** Starts threads/receiver.ts. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { certificates } from './certificates/certificates.ts';

type Counts = { readonly connections: number; readonly requests: number };

export async function startReceiverThread() {
  const worker = new Worker(new URL('./threads/receiver.ts', import.meta.url), { workerData: certificates.valid() });
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }];
  return {
    url: `https://127.0.0.1:${port}/hook`,
    async counts(): Promise<Counts> {
      const told = once(worker, 'message') as Promise<[Counts]>;
      worker.postMessage('counts');
      return (await told)[0];
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
