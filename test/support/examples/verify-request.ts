import { createRemoteKeys, verifyWebhook } from '@hookcast/verify';

const remoteKeys = createRemoteKeys('https://hookcast.example.com/.well-known/jwks.json');

export async function receive(request: Request, secrets: string[]): Promise<Response> {
  const [body, publicKeys] = [await request.arrayBuffer(), await remoteKeys()];
  const result = await verifyWebhook({ headers: request.headers, body, publicKeys, secrets });
  if (!result.ok) return new Response(null, { status: 401 });
  console.log(result.event.event, result.event.id);
  return new Response(null, { status: 204 });
}
