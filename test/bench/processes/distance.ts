/**
 * A network between the service and its receivers: a TCP proxy that delays every byte, and every close. Bandwidth is not
 * limited. Argument: { ports, oneWayMs }. It opens one port for each of the receivers' `ports`.
 */
import net, { type AddressInfo, type Socket } from 'node:net';

export type FromDistance = { readonly type: 'listening'; readonly ports: number[] };

const { ports, oneWayMs } = JSON.parse(process.argv[2]!) as { ports: number[]; oneWayMs: number };
/** What is due so soon goes at once: timers have no finer steps. */
const STEP_MS = 0.3;

type Held = { readonly at: number; readonly piece: Buffer | undefined };

/** `undefined` is the end of what `from` sends. */
function carry(from: Socket, to: Socket): void {
  const held: Held[] = [];
  let timer: NodeJS.Timeout | undefined;

  function pass(): void {
    timer = undefined;
    const now = performance.now();
    while (held.length > 0 && held[0]!.at <= now + STEP_MS) {
      const { piece } = held.shift()!;
      if (piece === undefined) to.end();
      else if (!to.destroyed) to.write(piece);
    }
    if (held.length > 0) timer = setTimeout(pass, held[0]!.at - now);
  }

  function hold(piece?: Buffer): void {
    held.push({ at: performance.now() + oneWayMs, piece });
    timer ??= setTimeout(pass, oneWayMs);
  }

  from.on('data', hold).on('end', hold);
  from.on('error', () => to.destroy());
}

async function listen(port: number): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 4_096, done));
  return (server.address() as AddressInfo).port;
}

process.on('disconnect', () => process.exit());
process.send!({ type: 'listening', ports: await Promise.all(ports.map(listen)) } satisfies FromDistance);
