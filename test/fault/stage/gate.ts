/** An address that stays while what is behind it comes and goes: a pooler before Postgres, a load balancer before us. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Gate = Disposable & { readonly port: number };

type Options = {
  /** Where it is. Default: somewhere free. */
  readonly at?: number;
  /** Where a connection that is opened now leads; undefined: nowhere. */
  readonly port: () => number | undefined;
  /** Told of each connection with what its client sent first; one that is refused is closed. */
  readonly admit?: (first: Buffer, client: Socket) => boolean;
};

export async function openGate({ at = 0, port, admit = () => true }: Options): Promise<Gate> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.setNoDelay(true).pipe(to);
    from
      .on('error', () => {})
      .on('close', () => {
        to.destroy();
        sockets.delete(from);
      });
  };
  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (first) => {
      const behind = port();
      if (behind === undefined || !admit(first, client)) return void client.destroy();
      const onward = connect(behind, '127.0.0.1');
      onward.write(first);
      pass(client, onward);
      pass(onward, client);
    });
  });
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
