/** Preloaded into a service that is measured (`--import`): reports its memory after garbage collection. */

export type ToProbe = { readonly type: 'memory' };
export type FromProbe = {
  readonly type: 'memory';
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly external: number;
};

process.on('message', async (message: ToProbe) => {
  if (message.type !== 'memory') return;
  for (let round = 0; round < 4; round++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((done) => setTimeout(done, 100)); // What only finalizers free is gone in a later round.
  }
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  process.send!({ type: 'memory', rss, heapUsed, heapTotal, external } satisfies FromProbe);
});
process.on('disconnect', () => process.exit());
process.channel?.unref(); // The service ends as if nobody listened.
