/** TLS sessions: who resumes which. The certificates themselves: tls.test.ts. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls, { type TLSSocket, type TlsOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createSecure } from '../../../../src/pipeline/deliver/http/secure.ts';
import { createSessions, type TlsSession } from '../../../../src/pipeline/deliver/http/sessions.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { createManualClock } from '../../../support/clock.ts';
import { onEachRequest } from '../../../support/network/hostile.ts';

const HOUR_MS = 60 * 60_000;
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';
const HOST = 'hooks.hookcast.test';

/**
 * Answers on 127.0.0.1 and 127.0.0.2, one request a connection, and says of each connection whether it resumed a session.
 * `refuses`: the numbers of the connections that it resets in the handshake, from 1.
 */
async function startSecureReceiver(options: TlsOptions = {}, refuses: readonly number[] = []) {
  const resumed: boolean[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = tls.createServer({ ...certificates.valid(), ...options }, (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused());
    socket.on('error', () => {});
    onEachRequest(socket, () => socket.end(ANSWER));
  });
  server.on('tlsClientError', () => {});
  const accept = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    if (refuses.includes(++connections)) socket.once('data', () => socket.resetAndDestroy());
    else server.emit('connection', socket);
  };
  const listen = async (host: string, port: number) => {
    const listener = net.createServer(accept).listen(port, host);
    await once(listener, 'listening');
    return listener;
  };
  const first = await listen('127.0.0.1', 0);
  const { port } = first.address() as AddressInfo;
  const listeners = [first, await listen('127.0.0.2', port)];
  return {
    port,
    resumed,
    url: `https://${HOST}:${port}/hook`,
    /** From now on no session of before is known. */
    forget: () => server.setTicketKeys(randomBytes(48)),
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
    },
  };
}

/** Every name leads to `addresses`, which a test may change. */
function setup(options: Partial<SenderOptions> = {}) {
  const addresses = ['127.0.0.1'];
  const clock = createManualClock();
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock,
    lookup: async () => addresses.map((address) => ({ address, family: 4 })),
    ca: testAuthority(),
    ...options,
  });
  const post = (url: string, organizationId = 'org1') => sender.send({ url, headers: {}, body: '{}', organizationId });
  return { ...sender, clock, addresses, post, [Symbol.asyncDispose]: sender.close };
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('in %s a session', (maxVersion) => {
  test('is resumed by the next connection of its organization to its host name', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    for (let count = 0; count < 2; count++) expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(receiver.resumed).toEqual([false, true]);
  });

  test('is not resumed by another organization', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    for (const organizationId of ['org1', 'org2', 'org1', 'org2']) await sender.post(receiver.url, organizationId);
    expect(receiver.resumed).toEqual([false, false, true, true]);
  });

  test('is not resumed for another host name, although the certificate is good for both', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    for (const host of [HOST, 'other.hookcast.test', '127.0.0.1', HOST]) {
      expect(await sender.post(`https://${host}:${receiver.port}/`)).toMatchObject({ status: 200 });
    }
    expect(receiver.resumed).toEqual([false, false, false, true]);
  });

  test('is not resumed on another port of the host', async () => {
    const ticketKeys = Buffer.alloc(48, 7);
    await using one = await startSecureReceiver({ maxVersion, ticketKeys });
    await using other = await startSecureReceiver({ maxVersion, ticketKeys });
    await using sender = setup();
    await sender.post(one.url);
    await sender.post(other.url);
    expect(other.resumed).toEqual([false]);
  });

  test('is dropped when the address of the name changes, and stays dropped when it changes back', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.1', '127.0.0.1']) {
      sender.addresses.splice(0, 1, address);
      expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    }
    expect(receiver.resumed).toEqual([false, false, false, true]);
  });

  test('is kept while the name leads to its address among others', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    sender.addresses.push('127.0.0.2');
    for (let count = 0; count < 4; count++) {
      await sender.post(receiver.url);
      sender.addresses.reverse();
    }
    expect(receiver.resumed).toEqual([false, false, true, true]);
  });

  test('is resumed for an hour from the full handshake on, however often it was renewed', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    for (const minutes of [0, 30, 29]) {
      await sender.clock.advance(minutes * 60_000);
      await sender.post(receiver.url);
    }
    expect(receiver.resumed).toEqual([false, true, true]);
    await sender.clock.advance(HOUR_MS / 60);
    await sender.post(receiver.url);
    expect(receiver.resumed).toEqual([false, true, true, false]);
  });

  test('is not resumed after the end of the certificate', async () => {
    const afterEnd = '2076-02-01T00:00:00Z';
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup({ clock: createManualClock(afterEnd) });
    for (let count = 0; count < 2; count++) await sender.post(receiver.url);
    expect(receiver.resumed).toEqual([false, false]);
  });

  test('that cannot be resumed costs the attempt nothing: the connection is made again with a full handshake', async () => {
    await using receiver = await startSecureReceiver({ maxVersion }, [2]);
    await using sender = setup();
    for (let count = 0; count < 3; count++) {
      expect(await sender.post(receiver.url)).toMatchObject({ status: 200, resent: false });
    }
    expect(receiver.connections).toBe(4);
    expect(receiver.resumed).toEqual([false, false, true]);
  });

  test('that the receiver has forgotten is replaced in a full handshake on the same connection', async () => {
    await using receiver = await startSecureReceiver({ maxVersion });
    await using sender = setup();
    await sender.post(receiver.url);
    receiver.forget();
    await sender.post(receiver.url);
    await sender.post(receiver.url);
    expect(receiver.resumed).toEqual([false, false, true]);
    expect(receiver.connections).toBe(3);
  });

  test('of a connection whose certificate was refused is not kept', async () => {
    await using receiver = await startSecureReceiver({ maxVersion, ...certificates.wrongHost() });
    await using sender = setup();
    for (let count = 0; count < 2; count++) {
      expect(await sender.post(receiver.url)).toMatchObject({
        outcome: 'TLS_ERROR',
        error: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
      });
    }
    expect(receiver.resumed).not.toContain(true);
    expect(receiver.connections).toBe(2);
  });
});

test.each([
  // Node's servers give two tickets with a full handshake of TLS 1.3, and none with a resumed one.
  ['TLSv1.3', 'a ticket serves once', [false, true, true, false, true]],
  ['TLSv1.2', 'a session serves again', [false, true, true, true, true]],
] as const)('in %s %s', async (maxVersion, _what, resumed) => {
  await using receiver = await startSecureReceiver({ maxVersion });
  await using sender = setup();
  for (let count = 0; count < 5; count++) await sender.post(receiver.url);
  expect(receiver.resumed).toEqual(resumed);
});

test('of one connection, four sessions are kept: a hostile receiver may send tickets without end', async () => {
  await using receiver = await startSecureReceiver();
  const put: TlsSession[] = [];
  const sessions = {
    ...createSessions(createManualClock()),
    put: (_key: string, session: TlsSession) => put.push(session),
  };
  const secure = createSecure({ sessions, ca: testAuthority(), clock: createManualClock() });
  const socket = net.connect(receiver.port, '127.0.0.1');
  await once(socket, 'connect');
  const { host, hostname, origin } = new URL(receiver.url);
  const endpoint = { host, hostname, origin, port: receiver.port, secure: true };
  const { signal } = new AbortController();
  const secured = await secure({
    key: 'a',
    endpoint,
    identity: null,
    address: '127.0.0.1',
    socket,
    session: undefined,
    signal,
  });
  for (let count = 0; count < 10; count++) secured.emit('session', Buffer.from('ticket'));
  secured.destroy();
  expect(put).toHaveLength(4);
});

test('a second connection in place of a resumed one is the last: when it breaks, the attempt has failed', async () => {
  await using receiver = await startSecureReceiver({}, [2, 3]);
  await using sender = setup();
  await sender.post(receiver.url);
  expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
  expect(receiver.connections).toBe(3);
});
