/** Publishing one event per request, against Yoga with an empty resolver. An API process alone: nothing is delivered. */
import { atLeast, type Line } from '../line.ts';
import { CONNECTIONS, publishBesideYoga } from '../publishing.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = `publishEvent, ${CONNECTIONS} connections`;
const BUDGET = 0.8;

export const publish: Line = {
  name: NAME,
  budget: `at least ${BUDGET} of Yoga with an empty resolver`,
  async run(stage, { isQuick }) {
    const milliseconds = isQuick ? 750 : 1_500;
    const service = await stage.startService({ ROLES: 'api' });
    const publisher = await stage.startPublisher();
    const [wanted = '', unwanted = ''] = await eventTypeNames(stage.pool, 2);
    await createTargets(service, [{ url: 'http://127.0.0.1:2/', eventTypes: [wanted] }]);
    const { url: yoga } = await stage.startYoga();
    const load = { publisher, service, yoga, milliseconds };
    const toOne = await publishBesideYoga(stage, { ...load, eventType: wanted, rounds: 2 });
    // For information: one round says enough.
    const toNone = await publishBesideYoga(stage, { ...load, eventType: unwanted, rounds: 1 });
    const empty = (value: number) => ({ name: 'empty Yoga', value, unit: '/s' });
    return [
      atLeast(BUDGET, {
        line: `${NAME}, 1 target`,
        measured: toOne.measured,
        unit: '/s',
        note: toOne.note,
        reference: empty(toOne.reference),
      }),
      {
        line: `${NAME}, no subscriber`,
        measured: toNone.measured,
        unit: '/s',
        note: toNone.note,
        reference: empty(toNone.reference),
        ratio: toNone.measured / toNone.reference,
      },
    ];
  },
};
