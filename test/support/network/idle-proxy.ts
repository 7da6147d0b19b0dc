/** A proxy that closes a connection on which the service has sent nothing for a while, as load balancers do after 60 seconds. */
import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type IdleProxy = Disposable & {
  readonly port: number;
  /** Resolves when the service has sent that many more times over all connections. */
  passed(times: number): Promise<void>;
  /** Connections that were closed because nothing came. */
  readonly cutCount: () => number;
};

type Options = {
  /** Where the service listens. */
  readonly port: number;
  readonly idleMs: number;
};

export async function openIdleProxy({ port, idleMs }: Options): Promise<IdleProxy> {
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const service = connect(port, '127.0.0.1');
    const close = () => {
      for (const socket of [client, service]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    const cut = () => {
      cuts++;
      close();
    };
    let timer = setTimeout(cut, idleMs);
    service.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(cut, idleMs);
      events.emit('passed');
    });
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => (clearTimeout(timer), close()));
    }
    client.pipe(service);
    service.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async passed(times) {
      for (let left = times; left > 0; left--) await once(events, 'passed');
    },
    cutCount: () => cuts,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
