/** `hookcast replay …`: sending again what was published in a range of time, over the API. */
import { parseDurationMs } from '../domain/setting.ts';
import { systemClock } from '../clock.ts';
import {
  CommandError,
  parseTime,
  readArguments,
  readOption,
  UsageError,
  wholeNumber,
  type Command,
} from './command.ts';
import { ask } from './service/ask.ts';
import { confirm } from './service/prompt.ts';
import { readAccess, SERVICE_HELP, SERVICE_OPTIONS } from './service/service-access.ts';

const MODES = ['FAILED', 'MISSED', 'ALL'];
const ERRORS = 'userErrors { field message code }';
const ID = 'ID of a replay; `hookcast replay list` shows them';

const REPLAY_FIELDS = `id target { id url } mode status from until eventTypes customerId ratePerSecond
  examinedCount replayedCount skippedCount position reason createdAt endedAt`;

const REPLAY_HELP = `{ "id", "target": { "id", "url" }, "mode", "status", "from", "until", "eventTypes", "customerId",
          "ratePerSecond", "examinedCount", "replayedCount", "skippedCount", "position", "reason", "createdAt",
          "endedAt" }`;

const OPTION_OF = {
  ...{ id: 'ID', 'scope.targetId': '--target', 'scope.mode': '--mode', 'scope.eventType': '--events' },
  ...{ 'scope.createdAt': '--since, --until', 'scope.createdAt.gte': '--since', 'scope.createdAt.lt': '--until' },
  ...{ 'scope.customerId': '--customer', ratePerSecond: '--rate' },
};

export const createReplay: Command = {
  summary: 'send again what was published in a range of time',
  help: `Usage: hookcast replay create --since WHEN --mode MODE [options]

Counts what it would send, asks, and begins a replay. The service runs it: \`hookcast replay show\` tells how far it is.
The API key needs DELIVERIES_WRITE.

Options:
  --since WHEN        from a time such as 2027-01-31T00:00:00Z, or a duration ago such as 2h
  --until WHEN        the same; default: now
  --mode MODE         FAILED: retry failed deliveries; MISSED: send what a target did not get; ALL: send all again
  --target ID         only to this target; required for MISSED and ALL. Default: to all
  --events TYPES      names and patterns such as wallet.*, separated by commas; default: all
  --customer ID       only events about this customer
  --rate N            at most so many a second; default: that of the service
  --dry-run           count, and begin nothing
  --yes               do not ask

${SERVICE_HELP}

Output: ${REPLAY_HELP};
        with --dry-run { "count", "estimate", "oldestAt", "newestAt" }: count is null where there are too many to count,
        and estimate tells about how many

Examples:
  hookcast replay create --since 2h --mode FAILED --dry-run
  hookcast replay create --since 2h --mode MISSED --target 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe --rate 50 --yes`,
  async run(args, say) {
    const { values } = readArguments(args, {
      options: {
        ...SERVICE_OPTIONS,
        ...{
          since: { type: 'string' },
          until: { type: 'string' },
          mode: { type: 'string' },
          target: { type: 'string' },
        },
        ...{ events: { type: 'string' }, customer: { type: 'string' }, rate: { type: 'string' } },
        ...{ 'dry-run': { type: 'boolean', default: false }, yes: { type: 'boolean', default: false } },
      },
    });
    const scope = {
      mode: values.mode ?? '',
      createdAt: {
        gte: readOption('since', values.since, readWhen),
        lt: readOption('until', values.until, readWhen) ?? systemClock.now().toISOString(),
      },
      targetId: values.target,
      eventType: values.events?.split(',').map((name) => name.trim()),
      customerId: values.customer,
    };
    if (!MODES.includes(scope.mode)) throw new UsageError(`--mode: expected one of ${MODES.join(', ')}`);
    if (scope.createdAt.gte === undefined) throw new UsageError('--since: expected a time or a duration ago, got none');
    const ratePerSecond = readOption('rate', values.rate, wholeNumber);
    const access = readAccess(values);
    type Preview = { count: number | null; estimate: number | null; oldestAt: string | null; newestAt: string | null };
    const { replayPreview } = await ask<{ replayPreview: Preview }>(access, {
      document: `query Preview($scope: ReplayScopeInput!) {
        replayPreview(scope: $scope) { count estimate oldestAt newestAt ${ERRORS} }
      }`,
      variables: { scope },
      options: OPTION_OF,
    });
    const { count, estimate, oldestAt, newestAt } = replayPreview;
    if (values['dry-run']) return { result: { count, estimate, oldestAt, newestAt } };
    if (!values.yes) {
      say(`This sends ${count ?? `about ${estimate}`} deliveries again, of events from ${oldestAt} to ${newestAt}.`);
      const agreed = await confirm('Begin?');
      if (agreed === undefined) throw new CommandError('Nothing was begun: nobody can be asked here. Add --yes.');
      if (!agreed) throw new CommandError('Nothing was begun.');
    }
    const created = await ask<{ createReplay: { replay: object } }>(access, {
      document: `mutation Create($input: CreateReplayInput!) {
        createReplay(input: $input) { replay { ${REPLAY_FIELDS} } ${ERRORS} }
      }`,
      variables: { input: { scope, ratePerSecond } },
      options: OPTION_OF,
    });
    return { result: created.createReplay.replay };
  },
};

function readWhen(text: string): string {
  if (/^\d+[a-z]+$/.test(text)) return new Date(systemClock.now().getTime() - parseDurationMs(text)).toISOString();
  const time = parseTime(text);
  if (time) return time.toISOString();
  const examples = 'a time such as 2027-01-31T00:00:00Z, or a duration such as 2h';
  throw new Error(`expected ${examples}, got ${JSON.stringify(text)}`);
}

export const listReplays: Command = {
  summary: 'list replays',
  help: `Usage: hookcast replay list [options]

Lists the newest 100 replays of the organization, newest first. The API key needs DELIVERIES_READ.

${SERVICE_HELP}

Output: [${REPLAY_HELP}]

Example:
  hookcast replay list | jq '.[] | select(.status == "RUNNING")'`,
  async run(args) {
    const { values } = readArguments(args, { options: SERVICE_OPTIONS });
    const { replays } = await ask<{ replays: { nodes: object[] } }>(readAccess(values), {
      document: `{ replays(first: 100) { nodes { ${REPLAY_FIELDS} } } }`,
    });
    return { result: replays.nodes };
  },
};

export const showReplay: Command = {
  summary: 'show how far a replay is',
  help: `Usage: hookcast replay show ID [options]

The API key needs DELIVERIES_READ.

${SERVICE_HELP}

Output: ${REPLAY_HELP}

Example:
  hookcast replay show 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe`,
  async run(args) {
    const { values, positionals } = readArguments(args, { options: SERVICE_OPTIONS, positionals: [ID] });
    const { replay } = await ask<{ replay: object | null }>(readAccess(values), {
      document: `query Show($id: ID!) { replay(id: $id) { ${REPLAY_FIELDS} } }`,
      variables: { id: positionals[0] },
    });
    if (!replay) throw new CommandError(`ID: No replay has the id ${JSON.stringify(positionals[0])}.`);
    return { result: replay };
  },
};

export const cancelReplay: Command = {
  summary: 'stop a replay; what it has sent stays sent',
  help: `Usage: hookcast replay cancel ID [options]

Stops the replay after its present step. Deliveries that it has made go on. The API key needs DELIVERIES_WRITE.

${SERVICE_HELP}

Output: ${REPLAY_HELP}

Example:
  hookcast replay cancel 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe`,
  async run(args) {
    const { values, positionals } = readArguments(args, { options: SERVICE_OPTIONS, positionals: [ID] });
    const { cancelReplay: cancelled } = await ask<{ cancelReplay: { replay: object } }>(readAccess(values), {
      document: `mutation Cancel($input: CancelReplayInput!) {
        cancelReplay(input: $input) { replay { ${REPLAY_FIELDS} } ${ERRORS} }
      }`,
      variables: { input: { id: positionals[0] } },
      options: OPTION_OF,
    });
    return { result: cancelled.replay };
  },
};
