/** Beginning a replay, and ending it. */
import { DEFAULT_REPLAY_RATE, MAX_REPLAY_RATE } from '../../domain/replay/scope.ts';
import { reachOf } from '../build/access.ts';
import { authoredCaller } from '../build/authored.ts';
import { builder } from '../build/builder.ts';
import { payloadType, perform, type Payload } from '../build/mutation.ts';
import { Replay } from '../build/refs.ts';
import { loadersOf } from '../read/reads.ts';
import { refuseSlow } from '../read/rows.ts';
import { COUNTING, ReplayScopeArgument } from './queries.ts';

type Done = { readonly replayId: string };
type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Done>>;

const replayField = (t: FieldBuilder, description: string) =>
  t.field({
    type: Replay,
    nullable: true,
    description,
    resolve: ({ value }, _, context) =>
      value && loadersOf(context).replay.load({ id: value.replayId, organizationId: reachOf(context) }),
  });

const CreateReplayInput = builder.inputType('CreateReplayInput', {
  description: 'A replay to begin.',
  fields: (t) => ({
    scope: t.field({ type: ReplayScopeArgument, required: true, description: 'What to replay.' }),
    ratePerSecond: t.int({
      description:
        `How many deliveries it queues in a second: 1 to ${MAX_REPLAY_RATE}. No 10 seconds have more than 5 % too much, ` +
        'also after a restart. Fresh deliveries are sent first all the same, and the replay waits while its target has ' +
        '100 deliveries that it had no room for. A replay of all targets waits for none of them: where a target takes ' +
        `less than it is given, what was retried comes before what is published meanwhile. Default: ${DEFAULT_REPLAY_RATE}.`,
    }),
    expectedCount: t.int({
      description:
        'The `count` of replayPreview, or its `estimate`: the replay does not begin when it is off by more than a tenth ' +
        '(INVALID_STATE). Default: not compared.',
    }),
  }),
});

const CreateReplayPayload = payloadType<Done>('CreateReplayPayload', 'What createReplay did.', (t) => ({
  replay: replayField(t, 'The replay, RUNNING, or WAITING for its PAUSED target; null when there are userErrors.'),
}));

builder.mutationField('createReplay', (t) =>
  t.field({
    type: CreateReplayPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Begins a replay: sends again what was published in a range of time. One replay of a target runs at a time, and one ' +
      'of all targets beside these; an organization has at most 100 that have not ended (TOO_MANY). Watch it by ' +
      'replayProgressed. User errors: REQUIRED, INVALID, TOO_LONG, TOO_MANY, UNKNOWN_EVENT_TYPE; NOT_FOUND for the target; INVALID_STATE when the target is DISABLED, when a replay of it runs ' +
      `already (the message names it), or when the count is not the expected one. Costs ${COUNTING.cost}.`,
    extensions: COUNTING,
    args: { input: t.arg({ type: CreateReplayInput, required: true, description: 'The replay to begin.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.replays.create(authoredCaller(context, info), input, effect).catch(refuseSlow),
      ),
  }),
);

const CancelReplayInput = builder.inputType('CancelReplayInput', {
  description: 'A replay to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'KSUID of the replay.' }) }),
});

const CancelReplayPayload = payloadType<Done>('CancelReplayPayload', 'What cancelReplay did.', (t) => ({
  replay: replayField(t, 'The replay, now CANCELLED; null when there are userErrors.'),
}));

builder.mutationField('cancelReplay', (t) =>
  t.field({
    type: CancelReplayPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Ends a replay: it queues nothing more. What it has queued is sent; cancelDelivery stops that. User errors: ' +
      'NOT_FOUND; INVALID_STATE when the replay has ended.',
    args: { input: t.arg({ type: CancelReplayInput, required: true, description: 'Which replay.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.replays.cancel(authoredCaller(context, info), input, effect)),
  }),
);
