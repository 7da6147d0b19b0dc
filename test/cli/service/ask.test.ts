/** What a person reads when the service cannot be asked. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { AnyDocument } from '../../../src/client/index.ts';
import { ask, explainService } from '../../../src/cli/service/ask.ts';
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

test('a server that is none of ours writes nothing into the terminal', async () => {
  const body = '\u001b[2J\u001b]0;owned\u0007 <html>\r\nhello';
  await using server = await startReceiver(() => ({ status: 200, body }));
  const access = { url: server.url, getApiKey: () => 'hk_test', home: '/nowhere' };
  const question = { document: parse('{ viewer { scopes } }') as AnyDocument<object, never> };
  const { message } = await ask(access, question).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  );
  expect(message).toContain('hello');
  expect(message).not.toMatch(/[\u0000-\u001f\u007f]/);
});
