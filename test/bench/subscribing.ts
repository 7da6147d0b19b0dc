/** Many subscribers on one process. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from './service.ts';
import type { Subscribers } from './stage.ts';

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret userErrors { message } }
}`;

/** Customers' keys: no limit on what one key may open decides what is measured. */
export async function createKeys(service: Service, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let index = 0; index < count; index++) {
    const input = { name: `bench ${index}`, scopes: ['DELIVERIES_READ'], rateLimitPerMinute: 1_000_000 };
    type Created = { createApiKey: { secret: string | null; userErrors: unknown[] } };
    const { secret, userErrors } = (await service.api<Created>(CREATE_KEY, { input })).createApiKey;
    if (!secret) throw new Error(`No API key: ${JSON.stringify(userErrors)}`);
    keys.push(secret);
  }
  return keys;
}

type Sockets = { readonly apiKeys: readonly string[]; readonly sockets: number; readonly perSocket: number };

/** Opens them and waits until the service counts as many streams. */
export async function subscribe(
  service: Service,
  subscribers: Subscribers,
  { query, ...sockets }: Sockets & { readonly query: string },
): Promise<void> {
  await subscribers.ask({ type: 'open', url: service.url, query, ...sockets }, 'opened', 120_000);
  const wanted = sockets.sockets * sockets.perSocket;
  for (let tries = 0; ; tries++) {
    const open = /hookcast_open_streams\{transport="websocket"\} (\d+)/.exec(await service.metrics())?.[1];
    if (Number(open) === wanted) break;
    if (tries > 600) throw new Error(`${open} of ${wanted} streams are open after a minute`);
    await pause(100);
  }
  await pause(500); // A stream is open a moment before it is live.
}
