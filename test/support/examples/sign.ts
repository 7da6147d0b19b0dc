import { sign, type KeyObject } from 'node:crypto';

/** `apiKeyId`: of the key in `apiKey`; the query `{ viewer { apiKey { id } } }` tells it. */
type Options = { url: string; apiKey: string; apiKeyId: string; privateKey: KeyObject; idempotencyKey?: string };

/** Sends one mutation, signed. Call it again to repeat one: a signature is accepted once. */
export async function mutate<T>(query: string, variables: object, options: Options): Promise<T> {
  const { url, apiKey, apiKeyId, privateKey, idempotencyKey = '' } = options;
  const { host, pathname, search } = new URL(url);
  const timestamp = String(Date.now());
  const body = JSON.stringify({ query, variables });
  const organization = ''; // No X-Organization-Id is sent.
  const lines = ['v2', timestamp, 'POST', host, pathname + search, apiKeyId, idempotencyKey, organization];
  const content = [...lines, body].join('\n');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKey,
      'x-request-signature-version': '2',
      'x-request-timestamp': timestamp,
      'x-request-signature': sign(null, Buffer.from(content), privateKey).toString('base64'),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    body,
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (!data || errors) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return data;
}
