/** Egress proxies of each kind on 127.0.0.1, and their misbehaviours. They note what they were asked for. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import type { EgressProxy } from '../../../src/domain/targets/egress-proxy.ts';
import { certificates, type Certificate } from '../certificates/certificates.ts';

export type ProxyProtocol = EgressProxy['protocol'];

/**
 * `pass`: opens tunnels. `refuse`: answers 403, or SOCKS reply 2. `hang`: accepts connections and says nothing. `hangAsked`:
 * SOCKS5 logs in, and then it says nothing to what it is asked. `close`: closes when it is asked. `closeEarly`: closes when it
 * is connected to.
 */
export type ProxyMood = 'pass' | 'refuse' | 'hang' | 'hangAsked' | 'close' | 'closeEarly';

export type TestProxy = AsyncDisposable & {
  readonly settings: EgressProxy;
  /** host:port of each tunnel that it was asked for, by whoever it let in. */
  readonly asked: readonly string[];
  /** Connections accepted so far, and open now. */
  readonly connectionCount: number;
  readonly openCount: number;
  /** From the next question on; by what was asked for. */
  behave(mood: ProxyMood | ((end: string) => ProxyMood)): void;
};

type Options = {
  readonly protocol?: ProxyProtocol;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** What the service is configured with; default: the same. */
  readonly given?: EgressProxy['credentials'];
  readonly certificate?: Certificate;
  /** Leads every tunnel to 127.0.0.1, whatever address was asked for. */
  readonly isTrap?: boolean;
};

export async function startProxy(options: Options = {}): Promise<TestProxy> {
  const { protocol = 'http', credentials, certificate = certificates.valid(), isTrap = false } = options;
  const given = 'given' in options ? options.given : credentials;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  let mood: (end: string) => ProxyMood = () => 'pass';

  /** Opens the tunnel, or misbehaves. */
  function lead(client: Socket, end: string, say: { open: string | Buffer; refuse: string | Buffer }): void {
    asked.push(end);
    const how = mood(end);
    if (how === 'refuse') return void client.end(say.refuse);
    if (how === 'close') return void client.destroy();
    if (how !== 'pass') return;
    const colon = end.lastIndexOf(':');
    const host = isTrap ? '127.0.0.1' : end.slice(0, colon).replace(/^\[|\]$/g, '');
    const target = net.connect({ host, port: Number(end.slice(colon + 1)) });
    sockets.add(target);
    target.on('error', () => client.end(say.refuse));
    target.on('close', () => {
      sockets.delete(target);
      client.destroy();
    });
    client.on('close', () => target.destroy());
    target.once('connect', () => {
      client.write(say.open);
      client.pipe(target).pipe(client);
    });
  }

  const server = protocol === 'https' ? tls.createServer(certificate) : net.createServer();
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on(protocol === 'https' ? 'secureConnection' : 'connection', (client: Socket) => {
    client.on('error', () => {});
    if (mood('') === 'hang') return void client.resume();
    if (mood('') === 'closeEarly') return void client.end();
    if (protocol === 'socks5') void serveSocks5(client, { credentials, lead });
    else void serveHttp(client, { credentials, lead });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    settings: { protocol, hostname: protocol === 'https' ? 'localhost' : '127.0.0.1', port, credentials: given },
    asked,
    get connectionCount() {
      return connectionCount;
    },
    get openCount() {
      return sockets.size;
    },
    behave: (next) => {
      mood = typeof next === 'function' ? next : () => next;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Means = {
  readonly credentials: Options['credentials'];
  readonly lead: (client: Socket, end: string, say: { open: string | Buffer; refuse: string | Buffer }) => void;
};

async function serveHttp(client: Socket, { credentials, lead }: Means): Promise<void> {
  const head = await readUntil(client, (bytes) => bytes.includes('\r\n\r\n'));
  if (!head) return;
  const [line = '', ...fields] = head.toString('latin1').split('\r\n');
  const [, end] = /^CONNECT (\S+) HTTP\/1\.1$/.exec(line) ?? [];
  if (end === undefined || !fields.includes(`Host: ${end}`)) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  const login = credentials && Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  if (login && !fields.includes(`Proxy-Authorization: Basic ${login}`)) {
    return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
  }
  const open = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n';
  lead(client, end, { open, refuse: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno' });
}

async function serveSocks5(client: Socket, { credentials, lead }: Means): Promise<void> {
  const greeting = await readUntil(client, (bytes) => bytes.length >= 2 + (bytes[1] ?? 255));
  if (!greeting) return;
  const wanted = credentials ? 2 : 0;
  if (!greeting.subarray(2).includes(wanted)) return void client.end(Buffer.from([5, 0xff]));
  client.write(Buffer.from([5, wanted]));
  if (credentials) {
    const login = await readUntil(
      client,
      (bytes) => bytes.length > 2 && bytes.length >= 3 + bytes[1]! + (bytes[2 + bytes[1]!] ?? 255),
    );
    if (!login) return;
    const name = login.subarray(2, 2 + login[1]!).toString();
    const password = login.subarray(3 + login[1]!).toString();
    const isRight = name === credentials.username && password === credentials.password;
    if (!isRight) return void client.end(Buffer.from([1, 1]));
    client.write(Buffer.from([1, 0]));
  }
  const lengths: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
  const addressLength = (bytes: Buffer) => lengths[bytes[3]!] ?? 1 + bytes[4]!;
  const request = await readUntil(client, (bytes) => bytes.length > 4 && bytes.length >= 6 + addressLength(bytes));
  if (!request) return;
  const address = request.subarray(4, 4 + addressLength(request));
  const host =
    request[3] === 1 ? address.join('.') : request[3] === 3 ? address.subarray(1).toString() : `[${groupsOf(address)}]`;
  const reply = (code: number) => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 80]);
  lead(client, `${host}:${request.readUInt16BE(request.length - 2)}`, { open: reply(0), refuse: reply(2) });
}

const groupsOf = (address: Buffer): string =>
  Array.from({ length: 8 }, (_, index) => address.readUInt16BE(2 * index).toString(16)).join(':');

/** Undefined when the connection ended before. */
async function readUntil(socket: Socket, isComplete: (bytes: Buffer) => boolean): Promise<Buffer | undefined> {
  let bytes: Buffer = Buffer.alloc(0);
  while (!isComplete(bytes)) {
    const piece = socket.read() as Buffer | null;
    if (piece !== null) bytes = Buffer.concat([bytes, piece]);
    else if (socket.readableEnded || socket.destroyed) return undefined;
    else await Promise.race([once(socket, 'readable'), once(socket, 'close')]).catch(() => {});
  }
  return bytes;
}
