/** The service with an SDK of OpenTelemetry that its operator loads, as the operators' document shows it. */
import { expect, test } from 'vitest';
import { startReceiver } from './support/receiver.ts';
import { CREATE_TARGET, type CreatedTarget, PUBLISH, type PublishedEvent, startService } from './support/service.ts';

const EXAMPLE = new URL('./support/examples/trace.ts', import.meta.url).href;

test('the example loads an SDK with --import: each of the three spans is exported', async () => {
  await using service = await startService({ NODE_OPTIONS: `--import ${EXAMPLE}` });
  await using receiver = await startReceiver();
  await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  await service.api<PublishedEvent>(PUBLISH, { type: 'customer.kyb_status.updated', data: {} });
  for (const name of ['graphql', 'publish', 'deliver']) await expect.poll(service.output).toContain(`name: '${name}'`);
});
