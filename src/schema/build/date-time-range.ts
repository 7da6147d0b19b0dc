import type { DateTimeRange } from '../read/conditions.ts';
import { builder } from './builder.ts';

/** Written out, like other types here: the declarations of the package cannot name what is inferred. */
type InputRef = PothosSchemaTypes.InputObjectRef<typeof builder.$inferSchemaTypes, DateTimeRange>;

export const DateTimeRangeInput: InputRef = builder.inputRef<DateTimeRange>('DateTimeRange').implement({
  description:
    'A half-open range of time: `gte` <= value < `lt`, so that ranges side by side share no moment. Either end may ' +
    'be left out. A range whose `lt` is not after its `gte` is empty.',
  fields: (t) => ({
    gte: t.field({ type: 'DateTime', description: 'The first moment of the range. Default: no lower end.' }),
    lt: t.field({ type: 'DateTime', description: 'The first moment after the range. Default: no upper end.' }),
  }),
});
