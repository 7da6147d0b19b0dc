import { readArguments, readOption, wholeNumber, type Command } from './command.ts';
import { ask } from './service/ask.ts';
import { readAccess, SERVICE_HELP, SERVICE_OPTIONS } from './service/service-access.ts';
import { readTargets, TARGET_HELP, TARGET_ID } from './service/targets.ts';

const ERRORS = 'userErrors { field message code }';

const OPTION_OF = { id: 'ID', targetId: 'ID', eventType: '--type', overlapSeconds: '--overlap' };

export const listTargets: Command = {
  summary: 'list webhook targets',
  help: `Usage: hookcast targets list [options]

Lists the webhook targets of the organization, newest first. The API key needs TARGETS_READ.

${SERVICE_HELP}

Output: [${TARGET_HELP}]

Example:
  hookcast targets list | jq -r '.[] | .id + " " + .url'`,
  async run(args) {
    const { values } = readArguments(args, { options: SERVICE_OPTIONS });
    return { result: await readTargets(readAccess(values)) };
  },
};

export const deleteTarget: Command = {
  summary: 'delete a webhook target; its open deliveries are cancelled',
  help: `Usage: hookcast targets delete ID [options]

Deletes the target and cancels its open deliveries. This cannot be undone. The API key needs TARGETS_WRITE.

${SERVICE_HELP}

Output: { "id" }

Example:
  hookcast targets delete 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe`,
  async run(args) {
    const { values, positionals } = readArguments(args, { options: SERVICE_OPTIONS, positionals: [TARGET_ID] });
    const { deleteWebhookTarget } = await ask<{ deleteWebhookTarget: { deletedId: string } }>(readAccess(values), {
      document: `mutation Delete($input: DeleteWebhookTargetInput!) {
        deleteWebhookTarget(input: $input) { deletedId ${ERRORS} }
      }`,
      variables: { input: { id: positionals[0] } },
      options: OPTION_OF,
    });
    return { result: { id: deleteWebhookTarget.deletedId } };
  },
};

export const rotateTargetSecret: Command = {
  summary: 'give a webhook target a new secret; it is shown this once',
  help: `Usage: hookcast targets rotate-secret ID [--overlap SECONDS] [options]

Makes a new secret. Requests are signed by the old one too, until the overlap has passed. The API key needs
TARGETS_WRITE.

Options:
  --overlap SECONDS   how long the old secret signs too; default: that of the service

${SERVICE_HELP}

Output: { "id", "secret" }

Example:
  hookcast targets rotate-secret 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe --overlap 86400`,
  async run(args, say) {
    const options = { ...SERVICE_OPTIONS, overlap: { type: 'string' } } as const;
    const { values, positionals } = readArguments(args, { options, positionals: [TARGET_ID] });
    const overlapSeconds = readOption('overlap', values.overlap, wholeNumber);
    type Data = { rotateWebhookTargetSecret: { secret: string } };
    const { rotateWebhookTargetSecret } = await ask<Data>(readAccess(values), {
      document: `mutation Rotate($input: RotateWebhookTargetSecretInput!) {
        rotateWebhookTargetSecret(input: $input) { secret ${ERRORS} }
      }`,
      variables: { input: { id: positionals[0], overlapSeconds } },
      options: OPTION_OF,
    });
    say('Store the secret now: it is shown this once.');
    return { result: { id: positionals[0], secret: rotateWebhookTargetSecret.secret } };
  },
};

export const sendTest: Command = {
  summary: 'send a test event to one webhook target',
  help: `Usage: hookcast targets test ID [--type TYPE] [options]

Sends an event with the example of its type to this target alone. The API key needs TARGETS_WRITE.

Options:
  --type TYPE         an event type; default: the choice of the service

${SERVICE_HELP}

Output: { "deliveryId", "status" }; \`hookcast deliveries --target ID\` shows what came of it

Example:
  hookcast targets test 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe`,
  async run(args) {
    const options = { ...SERVICE_OPTIONS, type: { type: 'string' } } as const;
    const { values, positionals } = readArguments(args, { options, positionals: [TARGET_ID] });
    type Data = { sendTestEvent: { delivery: { id: string; status: string } } };
    const { sendTestEvent } = await ask<Data>(readAccess(values), {
      document: `mutation Test($input: SendTestEventInput!) {
        sendTestEvent(input: $input) { delivery { id status } ${ERRORS} }
      }`,
      variables: { input: { targetId: positionals[0], eventType: values.type } },
      options: OPTION_OF,
    });
    const { id, status } = sendTestEvent.delivery;
    return { result: { deliveryId: id, status } };
  },
};
