/**
 * How the bench speaks with another sender. `npm run bench -- --peer <command>` starts the command: an adapter, a program in any
 * language that reads one JSON object a line from its standard input, does what it says, and answers with a line on its standard
 * output. What it writes to standard error goes to a file of the bench.
 *
 *     bench                                              adapter
 *     {"type":"start","directory":…,"databaseUrl":…,     starts its sender          {"type":"started","name":"Svix server"}
 *        "certificateAuthority":…}
 *     {"type":"targets","targets":[{"url","eventType"}]} makes these targets        {"type":"ready"}
 *     {"type":"publish","eventTypes","events",           publishes so many events,  {"type":"published"}
 *        "clients","characters"}                         one a request, of these types in turn
 *     end of the input                                   stops its sender, and ends
 *
 * `databaseUrl` is an empty database of the PostgreSQL that the service has, `directory` is for files, `certificateAuthority` is
 * the file of the authority that receivers over TLS have. Deliveries are counted where they arrive, at the bench's own receivers.
 */
import { createInterface } from 'node:readline';

export type PeerTarget = { readonly url: string; readonly eventType: string };

export type PeerStart = {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly certificateAuthority: string;
};

export type PeerLoad = {
  readonly eventTypes: readonly string[];
  readonly events: number;
  /** Each publishes its next event when it has the answer to the one before. */
  readonly clients: number;
  /** Of the text in each event's data. */
  readonly characters: number;
};

export type ToPeer =
  | ({ readonly type: 'start' } & PeerStart)
  | { readonly type: 'targets'; readonly targets: readonly PeerTarget[] }
  | ({ readonly type: 'publish' } & PeerLoad);

export type FromPeer =
  { readonly type: 'started'; readonly name: string } | { readonly type: 'ready' } | { readonly type: 'published' };

/** What an adapter in TypeScript has to know of its sender. */
export type Sender = {
  /** For people. */
  readonly name: string;
  createTargets(targets: readonly PeerTarget[]): Promise<void>;
  /** One event, with a text of so many characters in its data. */
  publish(eventType: string, characters: number): Promise<void>;
  stop(): Promise<void>;
};

/** Runs an adapter on standard input and output. Every failure ends it, and the bench shows what it wrote. */
export async function runAdapter(start: (options: PeerStart) => Promise<Sender>): Promise<void> {
  let sender: Sender | undefined;
  const answer = (message: FromPeer) => process.stdout.write(`${JSON.stringify(message)}\n`);
  try {
    for await (const line of createInterface(process.stdin)) {
      const message = JSON.parse(line) as ToPeer;
      if (message.type === 'start') {
        sender = await start(message);
        answer({ type: 'started', name: sender.name });
      } else if (message.type === 'targets') {
        await sender!.createTargets(message.targets);
        answer({ type: 'ready' });
      } else {
        await publishAll(sender!, message);
        answer({ type: 'published' });
      }
    }
  } finally {
    await sender?.stop();
  }
}

async function publishAll(sender: Sender, { eventTypes, events, clients, characters }: PeerLoad): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < events) await sender.publish(eventTypes[next++ % eventTypes.length]!, characters);
  };
  await Promise.all(Array.from({ length: clients }, client));
}
