/** Trying a filter: on an event that was published, or on a body of one's own. */
import { checkFilter, type PayloadFilterInput } from '../../domain/filter/check-filter.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { explainFilter, type Explained } from '../../domain/filter/explain-filter.ts';
import { isId } from '../../domain/ksuid.ts';
import { readData } from '../../domain/payload.ts';
import { notFound } from '../../domain/reach.ts';
import { fail, succeed, userError, type Result } from '../../errors.ts';
import { reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import type { Context } from '../build/context.ts';
import { payloadOf, payloadType } from '../build/mutation.ts';
import { PayloadFilterRef } from '../payload-filter.ts';
import { loadersOf } from '../read/reads.ts';

const TestWebhookTargetFilterInput = builder.inputType('TestWebhookTargetFilterInput', {
  description: 'A filter, and what to try it on: exactly one of eventId and body.',
  fields: (t) => ({
    filter: t.field({ type: PayloadFilterRef, required: true, description: 'The filter to try.' }),
    eventId: t.id({
      description: 'KSUID of an event of the caller’s organization: its body is asked, with all its digits.',
    }),
    body: t.field({
      type: 'JSON',
      description:
        'The whole body, as targets receive it: `{"event": "…", "data": {…}}`. At most 256 KiB and 100 levels deep. A number ' +
        'with more digits than a double has is refused.',
    }),
  }),
});

const TestWebhookTargetFilterPayload = payloadType<Explained>(
  'TestWebhookTargetFilterPayload',
  'Whether a body satisfies a filter.',
  (t) => ({
    matches: t.boolean({
      nullable: true,
      description: 'Whether a target with this filter would get the event; null when there are userErrors.',
      resolve: ({ value }) => value?.matches ?? null,
    }),
    reason: t.string({
      nullable: true,
      description:
        'The condition that decided it, with its place in the filter, the path, and what stands there. For people: its ' +
        'wording may change. Null when there are userErrors.',
      resolve: ({ value }) => value?.reason ?? null,
    }),
  }),
);

builder.queryField('testWebhookTargetFilter', (t) =>
  t.field({
    type: TestWebhookTargetFilterPayload,
    needs: { all: ['TARGETS_READ', 'EVENTS_READ'] },
    description:
      'Tries a filter, without a target. User errors: those of a filter; REQUIRED or INVALID unless exactly one of eventId ' +
      'and body is given; NOT_FOUND or INVALID_STATE (eventId: unknown, or erased); PAYLOAD_INVALID or PAYLOAD_TOO_LARGE (body). Costs 100.',
    extensions: { cost: 100 },
    args: { input: t.arg({ type: TestWebhookTargetFilterInput, required: true, description: 'The filter to try.' }) },
    resolve: async (_, { input }, context) => payloadOf(await tryFilter(input, context)),
  }),
);

type FilterTrial = { readonly filter: PayloadFilterInput } & TriedOn;
type TriedOn = { readonly eventId?: string | null | undefined; readonly body?: unknown };

async function tryFilter({ filter, ...triedOn }: FilterTrial, context: Context): Promise<Result<Explained>> {
  const checked = checkFilter(filter, ['filter']);
  const body = await bodyOf(triedOn, context);
  if (checked.ok && body.ok) {
    return succeed(explainFilter(checked.value.filter, await readBodyValues(body.value), 'filter'));
  }
  return fail(...[checked, body].flatMap((part) => (part.ok ? [] : part.userErrors)));
}

async function bodyOf({ eventId, body }: TriedOn, context: Context): Promise<Result<string>> {
  if (eventId != null && body != null) {
    return fail(userError('INVALID', 'body', 'Expected exactly one of eventId and body, got both.'));
  }
  if (body != null) return readData(body, ['body'], 'send it as a string, or try the filter on an event');
  if (eventId == null) return fail(userError('REQUIRED', 'eventId', 'Expected one of eventId and body, got neither.'));
  const loaders = loadersOf(context);
  const event = isId(eventId) ? await loaders.event.load({ id: eventId, organizationId: reachOf(context) }) : null;
  const text = event && (await loaders.eventBody.load(event.id));
  if (text === '') return fail(userError('INVALID_STATE', 'eventId', 'The event was erased: it has no body to ask.'));
  return text == null ? fail(notFound('event', eventId, 'eventId')) : succeed(text);
}
