/** The whole service with EGRESS_PROXY: what is published comes through the proxy. */
import { expect, test } from 'vitest';
import { startProxy } from '../support/network/proxies.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type CreatedTarget, type PublishedEvent } from '../support/service.ts';

test('a service with EGRESS_PROXY reaches its targets through it alone, and not the proxy itself', async () => {
  await using proxy = await startProxy({ credentials: { username: 'sender', password: 'word' } });
  await using receiver = await startReceiver();
  const { port } = proxy.settings;
  await using service = await startService({ EGRESS_PROXY: `http://sender:word@127.0.0.1:${port}` });
  await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  await service.api<PublishedEvent>(PUBLISH, { type: 'customer.kyb_status.updated', data: { name: 'Zoë' } });
  expect((await receiver.next()).headers).not.toHaveProperty('proxy-authorization');
  expect(proxy.asked).toEqual([`127.0.0.1:${receiver.port}`]);
  await expect(service.api<CreatedTarget>(CREATE_TARGET, { url: `http://127.0.0.1:${port}/` })).rejects.toThrow(
    /service itself/,
  );
});
