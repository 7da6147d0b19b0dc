/** Payload filters as clients write them. The rules stand in domain/filter/. */
import type { PayloadConditionInput, PayloadFilterInput } from '../domain/filter/check-filter.ts';
import { builder } from './build/builder.ts';

const PayloadCondition = builder.inputRef<PayloadConditionInput>('PayloadConditionInput').implement({
  description:
    'One test of what stands at a path of the body: exactly one test is given. `equals: null` is a test; of the others, null ' +
    'is none. An array on the way, or at the end, stands for its elements: the test holds when it holds for any of them, and ' +
    'never for an empty array. Otherwise it depends on what stands there:\n\n' +
    '- Nothing: only `exists: false` holds. That is so also where something other than an object stands on the way.\n' +
    '- null: `exists: true`, `equals: null`, and `in` with a null hold.\n' +
    '- A number: `equals` and `in` hold for the same decimal number (1 is 1.0); the comparisons hold by all its digits, ' +
    'however many there are.\n' +
    '- A text: `equals`, `in`, `startsWith` and `endsWith` hold by code points. When the text is a decimal number as JSON ' +
    'writes it, such as "1000.00", the comparisons hold by all its digits; for any other text they do not hold.\n' +
    '- true or false: `equals` and `in` hold for the same.\n' +
    '- An object: only `exists: true` holds.\n\n' +
    'There is no conversion: 1 is not "1".',
  fields: (t) => ({
    path: t.stringList({
      required: true,
      description:
        '1 to 10 names of fields, from the root of the body: `["data", "amount", "value"]`, or `["customer_id"]`. A name is ' +
        'never the index of an array.',
    }),
    // Pothos gives a field of type JSON the type `unknown`, and an input type cannot have that.
    equals: t.field({
      type: 'JSON',
      description:
        'A text, a number, true, false or null. A number with more digits than a double has is INVALID: use atLeast ' +
        'together with atMost.',
    }) as never,
    in: t.field({
      type: ['JSON'],
      required: { list: false, items: false },
      description: 'Values as for equals, at most 100: one that is equal is enough. An empty list never holds.',
    }),
    greaterThan: t.string({ description: 'A decimal number as text, of any length, such as "1000.00".' }),
    atLeast: t.string({ description: 'A decimal number as text: greater, or equal.' }),
    lessThan: t.string({ description: 'A decimal number as text.' }),
    atMost: t.string({ description: 'A decimal number as text: less, or equal.' }),
    startsWith: t.string({ description: 'The beginning of a text. Upper and lower case differ.' }),
    endsWith: t.string({ description: 'The end of a text. Upper and lower case differ.' }),
    exists: t.boolean({ description: 'Whether anything stands at the path, null included.' }),
  }),
});

type FilterRef = PothosSchemaTypes.InputObjectRef<typeof builder.$inferSchemaTypes, PayloadFilterInput>;

export const PayloadFilterRef: FilterRef = builder.inputRef<PayloadFilterInput>('PayloadFilterInput').implement({
  isOneOf: true,
  description:
    'A condition on the JSON body that targets receive, with `id`, `event`, `data`, `created_at` and, where the event has ' +
    'one, `customer_id`. Exactly one of its fields is given. At most 4 KiB as JSON, filters in 5 levels, 50 conditions; ' +
    'more is INVALID, as is every other fault, and `field` of the user error is the path of the offender: ' +
    '`["input", "filter", "all", "3", "where", "in"]`.',
  fields: (t) => ({
    all: t.field({ type: [PayloadFilterRef], description: 'Every one of these holds. An empty list holds.' }),
    any: t.field({ type: [PayloadFilterRef], description: 'At least one of these holds. An empty list does not.' }),
    not: t.field({ type: PayloadFilterRef, description: 'This does not hold: plainly the opposite of its result.' }),
    where: t.field({ type: PayloadCondition, description: 'This test holds.' }),
  }),
});
