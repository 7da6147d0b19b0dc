/** The interface of everything that has an id of its own. */
import { builder } from './builder.ts';

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'An object with an id. The query `node` finds it by this id.',
  fields: (t) => ({
    id: t.id({
      description: 'KSUID: 27 characters, `^[0-9A-Za-z]{27}$`, unique among all objects; ids sort by creation time.',
      resolve: (node) => (node as { readonly id: string }).id,
    }),
  }),
});
