import { WatchError, type WatchState } from '../client/index.ts';
import { systemClock } from '../clock.ts';
import { processEnvironment } from '../config.ts';
import { CommandError, type Command, type CommandOutcome, type Say } from './command.ts';
import { createForwarder } from './listen/forward.ts';
import { openKeyboard } from './listen/keyboard.ts';
import { checkBrand, readListenArguments, readListenOptions, type ListenOptions } from './listen/listen-options.ts';
import { createListener } from './listen/listener.ts';
import { readLocalKeys, type LocalKeys } from './listen/local-keys.ts';
import {
  askForService,
  explainUnknownTypes,
  findBegin,
  followEvents,
  nameOfListener,
  type Service,
} from './listen/open-stream.ts';
import { openPlace, readPlace, type SavedPlace } from './listen/place.ts';
import { createDescriber } from './listen/report.ts';
import { reservePlace } from './listen/reserve-place.ts';
import { createStopping } from './listen/stopping.ts';
import { explainService } from './service/ask.ts';
import { readClientSettings } from './service/client-settings.ts';
import { printable } from './service/printable.ts';
import { readAccess, SERVICE_HELP, type CommandAccess } from './service/service-access.ts';

/** As long as a target has by default. */
const TIMEOUT_MS = 20_000;

export const listenCommand: Command = {
  summary: 'forward events to a receiver on this machine, as they are published',
  help: `Usage: hookcast listen PORT|URL [options]

Sends every event of the organization to a receiver on this machine, with the bytes and headers that a target gets. No
tunnel is needed, and no target. Each event is sent once, in the order of the stream. A failure is shown, and not tried
again: press r. After a stop, a restart of the service or a lost network it goes on where it was.

The requests are signed by keys of this machine, never by those of the service: print them with --print-secret, and
give them to the receiver. A header X-Hookcast-Forwarded says that a request comes from here.

Arguments:
  PORT|URL            3000 means http://localhost:3000/

Events:
  --events TYPES      names and patterns such as wallet.*, separated by commas; default: all
  --filter JSON       only events whose body satisfies this filter (src/schema/README.md, "Filters"); @FILE reads a file
  --customer ID       only events about this customer
  --since WHEN        begin with what was published since a time such as 2027-01-31T00:00:00Z, a duration ago such as
                      10m, or now. Default: where the last such listener stopped, else now
  --after CURSOR      begin after this cursor of the stream

Receiver:
  --path PATH         instead of the path of the URL
  --header TEXT       "Name: value", sent too; may be given several times. Names that a target may not have are refused
  --concurrency N     requests under way at once, 1 to 256; default 1, which keeps the order
  --allow-external    allow a receiver on another machine

Output:
  --output FORM       pretty (default), json: an object per line, or quiet: only failures
  --print-secret      print the keys, and do nothing else

${SERVICE_HELP}

Keys: r sends the newest event again, q stops. The API key needs EVENTS_READ.

Output: a line for each request, "14:32:15 transaction.auto.updated → 200 23 ms  EVENT_ID" and the reason of a failure;
        with --output json { "at", "eventId", "eventType", "attempt", "status", "durationMs", "failure" };
        with --print-secret { "secret", "publicKeyHex", "publicKey", "publicKeyPem", "jwk" }

Examples:
  hookcast listen 3000
  hookcast listen 3000 --path /webhooks --events 'wallet.*,transaction.auto.updated' --since 10m
  hookcast listen http://localhost:3000/webhooks --output json --concurrency 4
  hookcast listen --print-secret`,
  async run(args, say) {
    const given = readListenArguments(args);
    if (given.values['print-secret']) {
      const { home } = readClientSettings(processEnvironment());
      const { secret, publicKey } = readLocalKeys(home, systemClock.randomBytes);
      return { result: { secret, ...publicKey } };
    }
    const options = readListenOptions(given);
    return listen(readAccess(given.values), options, say);
  },
};

async function listen(access: CommandAccess, options: ListenOptions, say: Say): Promise<CommandOutcome> {
  const clock = systemClock;
  await using parts = new AsyncDisposableStack();
  const stopping = createStopping(say);
  const service = await askForService(access);
  checkBrand(options.headers, service.webhookBrand);
  const keys = readLocalKeys(access.home, clock.randomBytes);
  for (const line of explainUnknownTypes(options.eventTypes ?? [], service.eventTypes)) say(line);

  const name = nameOfListener(access.url, service.organization.id, options);
  const reserved = await reservePlace(`${access.home}/listen`, name);
  parts.defer(() => reserved.release());
  const saved = readPlace(reserved.path);
  const begin = await findBegin(access, options.begin, { saved, clock });
  const place = openPlace(reserved.path, begin);
  const { receiver, headers, allowExternal, concurrency, output } = options;
  const forwarder = createForwarder({
    ...{ receiver, headers, allowExternal, keys, clock },
    brand: service.webhookBrand,
    timeoutMs: TIMEOUT_MS,
  });
  parts.defer(() => forwarder.stop());

  const describe = createDescriber(output, process.stdout);
  const print = (line: string | undefined) => line === undefined || process.stdout.write(`${line}\n`);
  process.stdout.on('error', () => stopping.now()); // Whoever read the lines is gone.
  const listener = createListener({
    events: followEvents(access, options, {
      after: begin.cursor,
      signal: stopping.signal,
      onState: createStateTeller(say),
    }),
    ...{ place, forwarder, concurrency, since: begin.since },
    onOutcome: (outcome) => print(describe(outcome)),
    onErased: (id) => say(`The data of event ${id} was erased: it is not sent.`),
  });
  stopping.begin({ underWay: () => listener.underWay, interrupt: forwarder.stop });
  const keyboard = openKeyboard(process.stdin, (key) => {
    if (key === 'q') stopping.now();
    if (key === 'r' && !listener.sendLastAgain()) say('There is no event yet.');
  });
  parts.defer(() => keyboard?.close());
  for (const line of introduce({ access, options, service, keys, begin, isResumed: begin === saved })) say(line);
  if (keyboard) say('Press r to send the newest event again, q to stop.');
  await listener.run().catch((error: unknown) => {
    throw explainEnd(error, access.url);
  });
  return {};
}

type Introduction = {
  readonly access: CommandAccess;
  readonly options: ListenOptions;
  readonly service: Service;
  readonly keys: LocalKeys;
  readonly begin: SavedPlace;
  readonly isResumed: boolean;
};

function introduce({ access, options, service, keys, begin, isResumed }: Introduction): string[] {
  const { receiver, eventTypes, begin: asked } = options;
  const [organization, apiKey] = [printable(service.organization.name), printable(service.apiKey.name)];
  const resumed = `resuming where it stopped (${begin.at}); --since now skips what came meanwhile`;
  const place = isResumed ? resumed : asked.at === 'CURSOR' ? 'after the cursor' : `since ${begin.since ?? 'now'}`;
  return [
    `Listening to ${organization} at ${access.url} with the API key "${apiKey}".`,
    `Forwarding ${eventTypes?.join(', ') ?? 'all events'} to ${receiver.href}, ${place}.`,
    `Signed by keys of this machine:`,
    `  secret      ${keys.secret}`,
    `  public key  ${keys.publicKey.publicKeyHex} (Ed25519, hex)`,
  ];
}

/** Says when the stream is lost, and when it is there again. */
function createStateTeller(say: Say): (state: WatchState, reason?: unknown) => void {
  let isLost = false;
  return (state, reason) => {
    if (state === 'reconnecting') {
      isLost = true;
      const why = reason instanceof Error && !(reason instanceof WatchError && reason.code === 'CLOSED');
      say(`The connection to the service is lost${why ? ` (${reason.message})` : ''}. Trying again …`);
    } else if (isLost && (state === 'live' || state === 'behind')) {
      isLost = false;
      say('Connected again.');
    }
  };
}

function explainEnd(error: unknown, url: string): unknown {
  if (error instanceof WatchError && error.code === 'CURSOR_EXPIRED') {
    return new CommandError(
      'The service no longer has everything since the place where this listener stopped. --since 1h begins an hour ago, ' +
        '--since now with the next event.',
    );
  }
  return error instanceof WatchError ? explainService(error, url) : error;
}
