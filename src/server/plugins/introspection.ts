/** Who may ask for the schema: everybody, or callers with an API key. */
import { BREAK, type DocumentNode, visit } from 'graphql';
import type { ServerPlugin } from '../request-record.ts';
import { needsKey } from '../intake/strangers.ts';

/** The end of the error: GraphiQL shows it when it opens. */
const IN_GRAPHIQL = ' In GraphiQL: enter it above the editor.';

const FIELDS = new Set(['__schema', '__type']);

export function useIntrospection({ introspection }: { readonly introspection: 'public' | 'key' }): ServerPlugin {
  return {
    onExecute({ args: { document, contextValue } }) {
      if (introspection === 'key' && contextValue.record.caller === null && asksForSchema(document)) {
        throw needsKey('Introspection', IN_GRAPHIQL);
      }
    },
  };
}

/** Whether any operation of the document asks for the schema. The documents of callers without a key are short. */
function asksForSchema(document: DocumentNode): boolean {
  let asks = false;
  visit(document, {
    Field({ name }) {
      asks ||= FIELDS.has(name.value);
      return asks ? BREAK : undefined;
    },
  });
  return asks;
}
