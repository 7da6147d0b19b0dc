/** graphql-sse and an EventSource, as the packages are, on a service that is killed, told to stop, and started again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY } from '../../fault/stage/service.ts';
import { setStage, type Stage } from '../../fault/stage/stage.ts';
import { watch as watchEventSource } from '../../support/examples/watch-event-source.ts';
import { watch as watchGraphqlSse } from '../../support/examples/watch-graphql-sse.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ processes: 1 });
});

afterAll(() => stage[Symbol.asyncDispose]());

type Watcher = { readonly shown: string[]; until(count: number): Promise<void>; readonly ended: Promise<string> };
type Watching = Watcher & Disposable;

describe.each([
  ['graphql-sse', (options: Parameters<typeof watchGraphqlSse>[0]) => watchGraphqlSse(options)],
  [
    'an EventSource',
    (options: Parameters<typeof watchEventSource>[0]) => {
      const source = watchEventSource(options);
      return () => source.close();
    },
  ],
])('%s', (name, watch) => {
  async function start(options: { readonly apiKey?: string; readonly cursor?: string } = {}): Promise<Watching> {
    const shown: string[] = [];
    const ended = Promise.withResolvers<string>();
    let wake = (): void => {};
    const stop = watch({
      url: `${stage.processes[0]!.origin}/graphql`,
      apiKey: API_KEY,
      cursor: await stage.cursor(),
      ...options,
      onChange({ delivery }) {
        shown.push(delivery.id);
        wake();
      },
      onEnd: ended.resolve,
    });
    return {
      shown,
      async until(count) {
        while (shown.length < count) await new Promise<void>((resolve) => (wake = resolve));
      },
      ended: ended.promise,
      [Symbol.dispose]: stop,
    };
  }

  test.each(['is killed', 'is told to stop'])(
    'shows every change once, in order, while the service %s',
    async (how) => {
      const [service] = stage.processes;
      using watcher = await start();
      const ids = Array.from({ length: 300 }, (_, nth) => `${name}, ${how}, ${nth}`);
      let restarted: Promise<void> | undefined;
      for (const [nth, id] of ids.entries()) {
        await stage.record(id);
        if (nth === 100) {
          await watcher.until(50); // So it resumes from a change, not from its first cursor.
          restarted = how === 'is killed' ? service!.restart() : service!.stop().then(() => service!.restart());
        }
        if (nth === 200) await restarted;
      }
      await watcher.until(ids.length);
      expect(watcher.shown).toEqual(ids);
    },
  );

  test.each([
    ['a key that is not valid', 'UNAUTHENTICATED', { apiKey: 'hk_never' }],
    ['a cursor that is none', 'BAD_USER_INPUT', { cursor: 'nonsense' }],
  ])('learns the code of a refusal: %s', async (_what, code, options) => {
    using watcher = await start(options);
    expect(await watcher.ended).toBe(code);
  });
});
