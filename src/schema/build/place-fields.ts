/** The fields that the change of every stream has: its place, and how late a subscriber gets it. */
import { builder } from './builder.ts';

type Placed = { readonly cursor: string; readonly occurredAt: Date };
type FieldBuilder<C extends Placed> = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, C>;

type Field<T> = PothosSchemaTypes.FieldRef<typeof builder.$inferSchemaTypes, T, 'Object'>;
type PlaceFields = { readonly cursor: Field<string>; readonly lagMs: Field<number> };

/** The largest Int: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** The server calls it again whenever the change is sent: subscribers share what is resolved, and it is resolved ahead. */
const lagMsOf = ({ occurredAt }: { readonly occurredAt: Date }, now: Date): number =>
  Math.min(Math.max(0, now.getTime() - occurredAt.getTime()), LONGEST_MS);

/** `what` the stream tells of. */
export const placeFields = <C extends Placed>(t: FieldBuilder<C>, what: 'change' | 'event'): PlaceFields => ({
  cursor: t.string({
    description:
      `The place of the ${what} in the stream. Pass it as \`after\` to resume after this ${what}. Opaque. All readers of ` +
      'the organization get the same cursor, and only they can use it.',
    resolve: ({ cursor }) => cursor,
  }),
  lagMs: t.int({
    description:
      'How old the change was when the service sent it, in whole milliseconds by the clocks of the service; 0 at least, ' +
      '2,147,483,647 (24 days) at most. A ' +
      'page is live while it is small, and behind while it is not: under load, after a reconnect, or because the client ' +
      'reads slowly. 5,000 is a good limit between the two.',
    extensions: { whenSent: lagMsOf },
    resolve: (change, _, { services }) => lagMsOf(change, services.clock.now()),
  }),
});
