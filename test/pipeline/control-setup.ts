/** A pipeline with one receiver whose requests can be held, and workers that can be taken for dead. */
import { createPipeline, SCHEDULE_MS } from '../support/pipeline.ts';
import { startReceiver, type ReceiverAnswer } from '../support/receiver.ts';

export async function setup(options: Parameters<typeof createPipeline>[0] = {}, answer: ReceiverAnswer = 200) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver(() => answer);

  /** Requests wait, unanswered, until they are let go; later ones are answered alike. */
  function holdRequests() {
    const gate = Promise.withResolvers<ReceiverAnswer>();
    receiver.respondWith(() => gate.promise);
    return { letGo: gate.resolve };
  }

  return {
    ...pipeline,
    receiver,
    holdRequests,
    /** A delivery whose first attempt has been made, and whose second one is under way. */
    async startSecondAttempt() {
      const { id: targetId } = await pipeline.target(receiver.url);
      const { deliveryIds } = await pipeline.publish();
      await pipeline.runDue();
      const requests = holdRequests();
      await pipeline.clock.advance(SCHEDULE_MS[0]!);
      pipeline.worker.dispatcher.wake();
      await receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2');
      return { targetId, id: deliveryIds[0]!, requests };
    },
    setStatus: (id: string, status: string) =>
      pipeline.rows('update webhook_targets set status = $1::webhook_target_status where id = $2', [status, id]),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

/** Who waits for a lock. */
export const WAITING = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
