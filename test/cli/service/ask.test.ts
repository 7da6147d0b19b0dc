/** What a person reads when the service cannot be asked. */
import { expect, test } from 'vitest';
import { explainService } from '../../../src/cli/service/ask.ts';
import { certificates } from '../../support/certificates/certificates.ts';
import { startReceiver } from '../../support/receiver.ts';

const explain = (url: string): Promise<string> =>
  fetch(url).then(String, (error) => explainService(error, url).message);

test.each([
  ['of an authority that nobody here knows', () => certificates.valid()],
  ['signed by itself', () => certificates.selfSigned()],
])('a certificate %s: the message names NODE_EXTRA_CA_CERTS', async (_, certificate) => {
  await using service = await startReceiver(200, { certificate: certificate() });
  const message = await explain(service.url);
  expect(message).toContain(`${service.url} cannot be reached: `);
  expect(message).toMatch(/Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS$/);
});

test('nobody listens there: the message says to start the service', async () => {
  expect(await explain('http://127.0.0.1:2/')).toMatch(/ECONNREFUSED.*Start the service, or name another with --url$/);
});
