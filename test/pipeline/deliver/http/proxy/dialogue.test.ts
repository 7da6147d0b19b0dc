import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createDialogue } from '../../../../../src/pipeline/deliver/http/proxy/dialogue.ts';

async function setup() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [proxy] = (await once(server, 'connection')) as [net.Socket];
  const aborter = new AbortController();
  return {
    socket,
    proxy,
    aborter,
    dialogue: createDialogue(socket, aborter.signal, () => {}),
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      proxy.destroy();
      await once(server.close(), 'close');
    },
  };
}

const three = (bytes: Buffer) => (bytes.length < 3 ? undefined : 3);

test('a reply may come in pieces, and what comes after it stays in the socket', async () => {
  await using t = await setup();
  const heard = t.dialogue.hear(three);
  t.proxy.write('a');
  await once(t.socket, 'readable');
  t.proxy.write('bcde');
  expect((await heard).toString()).toBe('abc');
  const next = t.dialogue.hear((bytes) => (bytes.length < 2 ? undefined : 2));
  expect((await next).toString()).toBe('de');
  expect(t.socket.listenerCount('readable')).toBe(0);
});

test('a connection that is closed before the question is a fault, however much was said', async () => {
  await using t = await setup();
  t.dialogue.say('hello');
  const heard = t.dialogue.hear(three);
  t.proxy.end('ab');
  await expect(heard).rejects.toMatchObject({ kind: 'fault', message: expect.stringContaining('before it was asked') });
});

test('a closed connection is a refusal, and an abort ends the wait with its reason', async () => {
  await using t = await setup();
  t.dialogue.ask('where to');
  const heard = t.dialogue.hear(three);
  await once(t.proxy, 'data');
  t.proxy.end('ab');
  await expect(heard).rejects.toMatchObject({ kind: 'refusal', message: 'closed the connection without an answer' });
  await using other = await setup();
  const waiting = other.dialogue.hear(three);
  other.aborter.abort(new Error('the attempt is over'));
  await expect(waiting).rejects.toThrow('the attempt is over');
});

test('more than 16 KiB, in one reply or in many, are a fault', async () => {
  await using t = await setup();
  t.proxy.write('x'.repeat(20_000));
  await expect(t.dialogue.hear(() => undefined)).rejects.toMatchObject({ kind: 'fault' });
  await using other = await setup();
  other.proxy.write('x'.repeat(20_000));
  const hearAll = async () => {
    for (;;) await other.dialogue.hear((bytes) => Math.min(100, bytes.length));
  };
  await expect(hearAll()).rejects.toMatchObject({ kind: 'fault', message: 'answered with more than 16 KiB' });
});
