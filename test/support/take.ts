/** The first results of a subscription. */
import { createSocketClient } from './client.ts';

type Options = {
  readonly url: string;
  readonly apiKey: string;
  /** Its only variable is `$after`. */
  readonly query: string;
  readonly after: string;
  readonly count: number;
};

/** What its only field holds, `count` times; rejects on the first error. */
export async function take<T>({ url, apiKey, query, after, count }: Options): Promise<T[]> {
  const client = createSocketClient(url, apiKey);
  const taken: T[] = [];
  try {
    for await (const { data, errors } of client.iterate<Record<string, T>>({ query, variables: { after } })) {
      if (!data || errors) throw new Error(JSON.stringify(errors));
      taken.push(Object.values(data)[0]!);
      if (taken.length === count) break;
    }
  } finally {
    await client.dispose();
  }
  return taken;
}
