import { execute, WatchError, watch } from '../client/index.ts';
import {
  readArguments,
  readOption,
  UsageError,
  wholeNumber,
  type Command,
  type CommandOutcome,
  type Say,
} from './command.ts';
import { ask, explainService } from './service/ask.ts';
import { printable } from './service/printable.ts';
import { readAccess, SERVICE_HELP, SERVICE_OPTIONS, type CommandAccess } from './service/service-access.ts';

const MOST = 100;

export const deliveriesCommand: Command = {
  summary: 'list deliveries, or follow them live',
  help: `Usage: hookcast deliveries [options]

Lists deliveries, newest first; with --follow it prints each change of one as it is committed, until Ctrl-C. It connects
again after every interruption, and misses none. The API key needs DELIVERIES_READ and EVENTS_READ, and TARGETS_READ.

Options:
  --follow            print changes from now on
  --after CURSOR      with --follow: begin after this cursor of the stream
  --first N           without --follow: how many, 1 to ${MOST}; default 20
  --status STATUSES   PENDING, RETRYING, DELIVERED, FAILED, CANCELLED; separated by commas
  --events TYPES      names and patterns such as wallet.*, separated by commas
  --target ID         only deliveries to this target
  --event ID          only deliveries of this event
  --tag TAGS          only deliveries of events with any of these tags, separated by commas
  --json              with --follow: print a JSON object per line

${SERVICE_HELP}

Output: [{ "id", "status", "createdAt", "attemptCount", "nextAttemptAt", "event": { "id", "eventType" },
           "target": { "id", "url" },
           "lastAttempt": { "number", "outcome", "responseStatus", "error", "durationMs" } }];
        with --follow a line for each change; with --json { "cursor", "occurredAt", "previousStatus", "status",
        "attempt", "delivery" }

Examples:
  hookcast deliveries --status FAILED,RETRYING
  hookcast deliveries --follow --events 'wallet.*'`,
  async run(args, say) {
    const { values } = readArguments(args, { options: OPTIONS });
    const filter = {
      ...{ status: readNames(values.status), eventType: readNames(values.events) },
      ...{ targetId: values.target, eventId: values.event, tags: readNames(values.tag) },
    };
    if (!values.follow && (values.after !== undefined || values.json)) {
      throw new UsageError('Expected --follow beside --after and --json.');
    }
    const access = readAccess(values);
    if (values.follow) return follow(access, { filter, after: values.after, isJson: values.json }, say);
    return { result: await list(access, filter, readOption('first', values.first, wholeNumber)!) };
  },
};

const OPTIONS = {
  ...SERVICE_OPTIONS,
  follow: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  after: { type: 'string' },
  first: { type: 'string', default: '20' },
  status: { type: 'string' },
  events: { type: 'string' },
  target: { type: 'string' },
  event: { type: 'string' },
  tag: { type: 'string' },
} as const;

const readNames = (text: string | undefined): string[] | undefined => text?.split(',').map((name) => name.trim());

const ATTEMPT = 'number outcome responseStatus error durationMs';

const LIST = `query Deliveries($first: Int!, $filter: DeliveryFilter) {
  deliveries(first: $first, filter: $filter) {
    nodes {
      id status createdAt attemptCount nextAttemptAt
      event { id eventType { name } }
      target { id url }
      attempts(last: 1) { nodes { ${ATTEMPT} } }
    }
  }
}`;

type Attempt = {
  readonly number: number;
  readonly outcome: string;
  readonly responseStatus: number | null;
  readonly error: string | null;
  readonly durationMs: number;
};
type Named = { readonly event: { readonly id: string; readonly eventType: { readonly name: string } } };
type Listed = Named & { readonly attempts: { readonly nodes: readonly Attempt[] } };

async function list(access: CommandAccess, filter: object, first: number): Promise<object[]> {
  const { deliveries } = await ask<{ deliveries: { nodes: Listed[] } }>(access, {
    document: LIST,
    variables: { first, filter },
  });
  return deliveries.nodes.map(({ event, attempts, ...delivery }) => ({
    ...delivery,
    event: { id: event.id, eventType: event.eventType.name },
    lastAttempt: attempts.nodes.at(-1) ?? null,
  }));
}

const FOLLOW = `subscription Follow($after: String, $filter: DeliveryStreamFilter) {
  deliveryStatusChanged(after: $after, filter: $filter) {
    cursor occurredAt previousStatus status
    attempt { ${ATTEMPT} }
    delivery { id event { id eventType { name } } target { id url } }
  }
}`;

type Change = {
  readonly cursor: string;
  readonly occurredAt: string;
  readonly previousStatus: string | null;
  readonly status: string;
  readonly attempt: Attempt | null;
  readonly delivery: Named & { readonly id: string; readonly target: { readonly url: string } };
};

type Follow = { readonly filter: object; readonly after: string | undefined; readonly isJson: boolean };

async function follow(access: CommandAccess, { filter, after, isJson }: Follow, say: Say): Promise<CommandOutcome> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  process.stdout.on('error', () => stop.abort()); // Whoever read the lines is gone.
  const now = { ...access, document: '{ deliveryStreamCursor }', signal: stop.signal };
  const changes = watch<{ deliveryStatusChanged: Change }, object>({
    ...access,
    document: FOLLOW,
    variables: { filter },
    after: after ?? (await execute<{ deliveryStreamCursor: string }>(now).catch(refuse)).deliveryStreamCursor,
    signal: stop.signal,
    onState: (state) => {
      if (state === 'reconnecting') say('The connection to the service is lost. Trying again …');
      if (state === 'live') say('Connected.');
    },
  });
  function refuse(error: unknown): never {
    throw error instanceof WatchError || error instanceof TypeError ? explainService(error, access.url) : error;
  }
  try {
    for await (const { data } of changes) {
      const change = data.deliveryStatusChanged;
      process.stdout.write(`${isJson ? JSON.stringify(change) : describe(change)}\n`);
    }
  } catch (error) {
    refuse(error);
  }
  return {};
}

/** `14:32:15 wallet.created PENDING → DELIVERED https://example.com/hook  attempt 1: DELIVERED 200 23 ms  DELIVERY_ID` */
function describe({ occurredAt, previousStatus, status, attempt, delivery }: Change): string {
  const time = new Date(occurredAt).toTimeString().slice(0, 8);
  const step = previousStatus === null || previousStatus === status ? status : `${previousStatus} → ${status}`;
  const parts = [`${time} ${delivery.event.eventType.name} ${step} ${delivery.target.url}`];
  if (attempt) {
    const { number, outcome, responseStatus, durationMs, error } = attempt;
    parts.push(`attempt ${number}: ${outcome}${responseStatus === null ? '' : ` ${responseStatus}`} ${durationMs} ms`);
    if (error !== null) parts.push(printable(error));
  }
  return [...parts, delivery.id].join('  ');
}
