/** A POST with a Host header of the test's choice, as a proxy passes it on: fetch does not let one choose it. */
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { GraphqlResult } from '../client.ts';

type Post = { readonly host: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

export async function postAsHost(
  url: string,
  { host, headers, body }: Post,
): Promise<{ readonly status: number; readonly body: GraphqlResult }> {
  const request = httpRequest(url, { method: 'POST', agent: false, headers: { ...headers, host } });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, body: JSON.parse(await text(response)) };
}
