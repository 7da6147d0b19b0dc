/**
 * Answers once what many subscribers ask about one change. Subscribers to the same stream get the same change objects
 * (live/feed.ts), and thousands of them run the same document with the same API key. Each such group costs one execution for a
 * change, however large the group is. The answer comes from a snapshot that shows the change.
 *
 * This is right because what a change shows depends on the change, on the selection and on the API key, never on the arguments
 * of the subscription's root field. Those arguments, such as `after`, only choose the changes.
 */
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, Kind, visit } from 'graphql';

type Answer = ExecutionResult | Promise<ExecutionResult>;

export type SharedAnswers = {
  /** The answer to `question` about `change`: that of an earlier subscriber, or what `execute` answers now. */
  answer(change: unknown, question: string, execute: () => Answer): Answer;
  /** A text that is the same for the same question. */
  questionOf(args: ExecutionArgs, apiKeyId: string | undefined): string;
};

/** Answers live as long as their change. An answer with I/O and errors is only for those who asked while it was made. */
export function createSharedAnswers(): SharedAnswers {
  const answers = new WeakMap<object, Map<string, Answer>>();
  const documents = new WeakMap<DocumentNode, { readonly number: number; readonly variables: readonly string[] }>();
  let documentCount = 0;

  const describe = (document: DocumentNode) => {
    let known = documents.get(document);
    if (!known) documents.set(document, (known = { number: ++documentCount, variables: selectionVariables(document) }));
    return known;
  };

  return {
    questionOf({ document, operationName, variableValues }, apiKeyId) {
      const { number, variables } = describe(document);
      const values = variables.map((name) => variableValues?.[name] ?? null);
      return JSON.stringify([number, operationName ?? null, apiKeyId ?? null, ...values]);
    },

    answer(change, question, execute) {
      if (typeof change !== 'object' || change === null) return execute();
      let known = answers.get(change);
      if (!known) answers.set(change, (known = new Map()));
      const earlier = known.get(question);
      if (earlier) return earlier;
      const answer = execute();
      known.set(question, answer);
      if (answer instanceof Promise) void answer.then((result) => result.errors && known.delete(question));
      return answer;
    },
  };
}

/** Names of the variables that a document uses outside the arguments of its root fields. */
function selectionVariables(document: DocumentNode): string[] {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const rootFields = new Set<unknown>(operations.flatMap(({ selectionSet }) => selectionSet.selections));
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Field: (node) => (rootFields.has(node) && node.arguments?.length ? { ...node, arguments: [] } : undefined),
    Variable: ({ name }) => void names.add(name.value),
  });
  return [...names];
}
