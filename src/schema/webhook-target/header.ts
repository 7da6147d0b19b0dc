/** The own headers of a webhook target, as they are given and shown. */
import { MAX_HEADER_BYTES, MAX_TARGET_HEADERS, type TargetHeader } from '../../domain/targets/headers/target-header.ts';
import { allows, callerOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';

export const WebhookTargetHeader = builder.objectRef<TargetHeader>('WebhookTargetHeader').implement({
  description: 'A header that is sent with every request to a webhook target.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As it was given, and as it is sent.' }),
    value: t.string({
      nullable: true,
      description: 'Null for callers without the scope TARGETS_WRITE.',
      resolve: ({ value }, _, context) => (allows(callerOf(context), 'TARGETS_WRITE') ? value : null),
    }),
  }),
});

export const WebhookTargetHeaderInput = builder.inputType('WebhookTargetHeaderInput', {
  description: 'A header to send with every request to a webhook target.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'A token (RFC 9110): letters, digits, hyphens. Once in a list, in whatever case. Refused (INVALID) are the names ' +
        'that HTTP and the signature need: host, connection, keep-alive, content-*, accept-encoding, ' +
        'transfer-encoding, te, trailer, upgrade, expect, traceparent, tracestate, cookie2, proxy-*, user-agent, ' +
        'webhook-*, x-webhook-*, and x-dakota-* (or the deployment’s brand).',
    }),
    value: t.string({
      required: true,
      description: 'Printable ASCII (0x20 to 0x7E), without a space at either end. It is stored encrypted.',
    }),
  }),
});

export const HEADERS_RULE =
  'Headers to send with every request, test events and retries too: for example an Authorization that the receiver ' +
  `asks for. At most ${MAX_TARGET_HEADERS}, and ${MAX_HEADER_BYTES} bytes of names and values together.`;
