import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createForwarder } from '../../../src/cli/listen/forward.ts';
import { explainNoAnswer, explainRefusal } from '../../../src/cli/listen/explain-forward.ts';
import { encodeSecret, publicKeyForms, signingKeyFromSeed } from '../../../src/domain/signing/signature.ts';
import { startReceiver } from '../../support/receiver.ts';

const signingKey = signingKeyFromSeed('local', Buffer.alloc(32, 1));
const keys = { signingKey, secret: encodeSecret(Buffer.alloc(24, 2)), publicKey: publicKeyForms(signingKey.publicKey) };
const EVENT = { id: '31Tgvv', eventType: 'user.created', body: '{}' };

/** The failure of one request to this URL. */
async function failureAt(url: string, { allowExternal = true, timeoutMs = 20_000 } = {}) {
  const receiver = new URL(url);
  const options = { receiver, headers: {}, brand: 'Dakota', keys, clock: systemClock, allowExternal, timeoutMs };
  const forwarder = createForwarder(options);
  const outcome = await forwarder.send(EVENT, 1);
  forwarder.stop();
  return outcome!.failure;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each([
  [500, 'boom\n  at line 3\x1b[2J', 'Internal Server Error: boom at line 3 [2J'],
  [401, '', 'Unauthorized'],
  [302, 'moved', 'Found: redirects are not followed, name the final URL'],
  [599, 'x'.repeat(200), `no success: ${'x'.repeat(120)}…`],
])('a receiver that answers %i %j: %s', async (status, body, words) => {
  expect(explainRefusal(status, body)).toBe(words);
  await using receiver = await startReceiver({ status, body });
  expect(await failureAt(receiver.url)).toBe(words);
});

test('a receiver that gives no answer is told of in words', async () => {
  const closing = createTcpServer((socket) => socket.once('data', () => socket.destroy()));
  const babbling = createTcpServer((socket) => socket.once('data', () => socket.end('220 smtp\r\n')));
  const [closed, wrong] = [await listen(closing), await listen(babbling)];
  const gone = createTcpServer();
  const free = await listen(gone);
  gone.close();
  await using silent = await startReceiver(() => new Promise(() => {}));
  expect(await failureAt(`http://127.0.0.1:${free}`)).toBe(`nothing listens at 127.0.0.1:${free}`);
  expect(await failureAt(`http://localhost:${free}`)).toBe(`nothing listens at localhost:${free}`);
  expect(await failureAt(`http://127.0.0.1:${closed}`)).toBe(
    `127.0.0.1:${closed} closed the connection before it had answered`,
  );
  expect(await failureAt(`http://127.0.0.1:${wrong}`)).toContain('does not answer in HTTP');
  expect(await failureAt(`https://127.0.0.1:${wrong}`)).toContain('does not speak TLS');
  expect(await failureAt(silent.url, { timeoutMs: 100 })).toBe('no answer within 0.1 s');
  closing.close();
  babbling.close();
});

test('what a certificate says moves no cursor', () => {
  const error = Object.assign(new Error("Host: a. is not in the cert's altnames: DNS:\x1b[2J\x07b"), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  expect(explainNoAnswer(error, 'a:1')).toBe(
    "the certificate of a:1 is not trusted (Host: a. is not in the cert's altnames: DNS: [2J b): " +
      'NODE_EXTRA_CA_CERTS names one to trust',
  );
});
