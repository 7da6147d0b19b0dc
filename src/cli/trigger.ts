import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { takesCustomer, takesType, type SubscribableEvent } from '../domain/targets/subscription.ts';
import { CommandError, readArguments, type Command, type CommandOutcome, type Say } from './command.ts';
import { ask } from './service/ask.ts';
import { printable } from './service/printable.ts';
import { confirm } from './service/prompt.ts';
import { readAccess, SERVICE_HELP, SERVICE_OPTIONS, type CommandAccess } from './service/service-access.ts';
import { readTargets, type ListedTarget } from './service/targets.ts';

export const triggerCommand: Command = {
  summary: 'publish an event, to try what it does',
  help: `Usage: hookcast trigger TYPE [options]

Publishes an event of this type. It is an event like any other: every target that is subscribed to it gets it. So,
unless the service is in local mode, the command first names these targets and asks.

Arguments:
  TYPE                an event type, such as transaction.auto.updated

Options:
  --data JSON         the data, kept byte for byte; @FILE reads a file, - reads standard input. Default: the example of
                      the event type, else {}
  --customer ID       the customer whom the event is about
  --yes               do not ask

${SERVICE_HELP}

The API key needs EVENTS_PUBLISH; and TARGETS_READ, to name the targets.

Output: { "eventId", "deliveryCount", "filteredCount" }: how many targets get it, and how many their filter leaves out

Examples:
  hookcast trigger transaction.auto.updated
  hookcast trigger transaction.auto.updated --data '{"id":"tx_1","status":"done"}' --customer cus_7
  hookcast trigger transaction.auto.updated --data @event.json --yes`,
  async run(args, say) {
    const { values, positionals } = readArguments(args, {
      options: {
        ...SERVICE_OPTIONS,
        data: { type: 'string' },
        customer: { type: 'string' },
        yes: { type: 'boolean', default: false },
      },
      positionals: ['TYPE: an event type, such as transaction.auto.updated'],
    });
    const access = readAccess(values);
    const event = { eventType: positionals[0]!, customerId: values.customer ?? null };
    const rawData =
      values.data === undefined ? await readExample(access, event.eventType) : await readData(values.data);
    if (!values.yes) await agree(access, event, say);
    return publish(access, { ...event, rawData });
  },
};

async function readData(given: string): Promise<string> {
  if (given === '-') return textOf(process.stdin);
  if (!given.startsWith('@')) return given;
  return readFile(given.slice(1), 'utf8').catch((error: Error) => {
    throw new CommandError(`--data: ${error.message}`);
  });
}

async function readExample(access: CommandAccess, name: string): Promise<string> {
  const { eventType } = await ask<{ eventType: { example: unknown } | null }>(access, {
    document: 'query Example($name: String!) { eventType(name: $name) { example } }',
    variables: { name },
  });
  return JSON.stringify(eventType?.example ?? {});
}

/** Throws a CommandError when the person says no, or nobody can be asked. */
async function agree(access: CommandAccess, event: SubscribableEvent, say: Say): Promise<void> {
  const { viewer } = await ask<{ viewer: Service }>(access, {
    document: '{ viewer { allowsLoopback organization { name } } }',
  });
  if (viewer.allowsLoopback) return;
  const receiving = (await readTargets(access)).filter((target) => isReceiving(target, event));
  const count = receiving.length === 1 ? 'One target receives' : `${receiving.length || 'No'} targets receive`;
  say(`${count} ${event.eventType} of ${printable(viewer.organization.name)} at ${access.url}:`);
  for (const { url, name, status, filter } of receiving) {
    const notes = [
      name && printable(name),
      filter && 'if its filter lets it pass',
      status === 'PAUSED' && 'paused: when it is resumed',
    ];
    const note = notes.filter(Boolean).join(', ');
    say(`  ${url}${note && ` (${note})`}`);
  }
  const agreed = await confirm('Publish it?');
  if (agreed === undefined) throw new CommandError('Nothing was published: nobody can be asked here. Add --yes.');
  if (!agreed) throw new CommandError('Nothing was published.');
}

type Service = { readonly allowsLoopback: boolean; readonly organization: { readonly name: string } };

const isReceiving = (target: ListedTarget, event: SubscribableEvent): boolean =>
  target.status !== 'DISABLED' && takesType(target, event) && takesCustomer(target, event);

const PUBLISH = `mutation Trigger($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } deliveryCount filteredCount userErrors { field message code } }
}`;

async function publish(access: CommandAccess, input: object): Promise<CommandOutcome> {
  type Published = { event: { id: string }; deliveryCount: number; filteredCount: number };
  const { publishEvent } = await ask<{ publishEvent: Published }>(access, {
    document: PUBLISH,
    variables: { input },
    options: { eventType: 'TYPE', rawData: '--data', customerId: '--customer' },
  });
  const { event, deliveryCount, filteredCount } = publishEvent;
  return { result: { eventId: event.id, deliveryCount, filteredCount } };
}
