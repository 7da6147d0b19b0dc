import { readArguments, readOption, UsageError, type Command } from './command.ts';
import { ask } from './service/ask.ts';
import { readJsonOption } from './service/read-json-option.ts';
import { readAccess, SERVICE_HELP, SERVICE_OPTIONS } from './service/service-access.ts';
import { TARGET_FIELDS, TARGET_HELP, TARGET_ID } from './service/targets.ts';

const ERRORS = 'userErrors { field message code }';

const OPTION_OF = {
  ...{ id: 'ID', url: 'URL', name: '--name', description: '--description', eventTypes: '--events' },
  ...{ customerIds: '--customers', filter: '--filter', status: '--status' },
};

/** What can be said of a target beside its URL. */
const FIELD_OPTIONS = {
  name: { type: 'string' },
  description: { type: 'string' },
  events: { type: 'string' },
  customers: { type: 'string' },
  filter: { type: 'string' },
  status: { type: 'string' },
} as const;

const FIELD_HELP = `  --name TEXT         what people call it
  --description TEXT  what it is for
  --events TYPES      names and patterns such as wallet.*, separated by commas; "" means all
  --customers IDS     only events about these customers, separated by commas; "" means all
  --filter JSON       only events whose body satisfies this filter; @FILE reads a file, null takes it away
  --status STATUS     ACTIVE, PAUSED or DISABLED`;

type FieldValues = { readonly [name in keyof typeof FIELD_OPTIONS]?: string | undefined };

/** The fields that are given. The service checks them. */
const readFields = ({ name, description, events, customers, filter, status }: FieldValues) => ({
  ...{ name, description, status },
  eventTypes: readList(events),
  customerIds: readList(customers),
  filter: readOption('filter', filter, readJsonOption),
});

const readList = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const createTarget: Command = {
  summary: 'register a webhook target; its secret is shown this once',
  help: `Usage: hookcast targets create URL [options]

Registers the URL as a webhook target. The secret stands in the output and nowhere else. The API key needs
TARGETS_WRITE.

Options:
${FIELD_HELP}

${SERVICE_HELP}

Output: { "target": ${TARGET_HELP}, "secret" }

Examples:
  hookcast targets create https://example.com/webhooks --events 'transaction.*'
  hookcast targets create https://example.com/all | jq -r .secret`,
  async run(args, say) {
    const options = { ...SERVICE_OPTIONS, ...FIELD_OPTIONS };
    const { values, positionals } = readArguments(args, { options, positionals: ['URL'] });
    const { createWebhookTarget } = await ask<{ createWebhookTarget: { target: object; secret: string } }>(
      readAccess(values),
      {
        document: `mutation Create($input: CreateWebhookTargetInput!) {
          createWebhookTarget(input: $input) { target { ${TARGET_FIELDS} } secret ${ERRORS} }
        }`,
        variables: { input: { url: positionals[0], ...readFields(values) } },
        options: OPTION_OF,
      },
    );
    say('Store the secret now: it is shown this once.');
    const { target, secret } = createWebhookTarget;
    return { result: { target, secret } };
  },
};

export const updateTarget: Command = {
  summary: 'change a webhook target, for example pause or resume it',
  help: `Usage: hookcast targets update ID [options]

Changes what is given, and leaves the rest. Deliveries of a PAUSED target wait until it is ACTIVE again. The API key
needs TARGETS_WRITE.

Options:
  --to URL            the URL from the next attempt on
${FIELD_HELP}

${SERVICE_HELP}

Output: ${TARGET_HELP}

Examples:
  hookcast targets update 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe --status PAUSED
  hookcast targets update 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe --to https://example.com/new --events 'wallet.*'`,
  async run(args) {
    const options = { ...SERVICE_OPTIONS, ...FIELD_OPTIONS, to: { type: 'string' } } as const;
    const { values, positionals } = readArguments(args, { options, positionals: [TARGET_ID] });
    const fields = { url: values.to, ...readFields(values) };
    if (Object.values(fields).every((value) => value === undefined))
      throw new UsageError('Expected a change, got none.');
    const { updateWebhookTarget } = await ask<{ updateWebhookTarget: { target: object } }>(readAccess(values), {
      document: `mutation Update($input: UpdateWebhookTargetInput!) {
        updateWebhookTarget(input: $input) { target { ${TARGET_FIELDS} } ${ERRORS} }
      }`,
      variables: { input: { id: positionals[0], ...fields } },
      options: { ...OPTION_OF, url: '--to' },
    });
    return { result: updateWebhookTarget.target };
  },
};
