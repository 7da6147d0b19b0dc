/** Publishing over HTTP with one event per request, beside Yoga with an empty resolver. */
import { sideBySide, type Sides } from './side-by-side.ts';
import type { Service } from './service.ts';
import type { Publisher, Stage } from './stage.ts';

export const CONNECTIONS = 64;

type Options = {
  readonly publisher: Publisher;
  readonly service: Service;
  /** URL of the empty one. */
  readonly yoga: string;
  readonly eventType: string;
  readonly rounds: number;
  /** Of each round. */
  readonly milliseconds: number;
};

/** Publishes per second, and what they were made of. */
export async function publishBesideYoga(
  stage: Stage,
  { publisher, service, yoga, eventType, rounds, milliseconds }: Options,
): Promise<Sides & { readonly note: string }> {
  const eventTypes = [eventType];
  const publish = async (url: string, ms: number) => {
    const load = { url, eventTypes, perRequest: 1, connections: CONNECTIONS, milliseconds: ms };
    const { events: count, startedAt, endedAt } = await publisher.publish(load);
    return { count, value: count / ((endedAt - startedAt) / 1_000) };
  };
  for (const url of [yoga, service.url]) await publish(url, milliseconds); // Warm-up.
  const notes: string[] = [];
  const sides = await sideBySide(
    rounds,
    async () => (await publish(yoga, milliseconds)).value,
    async () => {
      const [perSecond, note] = await stage.observe('publish', () => publish(service.url, milliseconds));
      notes.push(note);
      return perSecond;
    },
  );
  return { ...sides, note: notes.at(-1)! };
}
