/**
 * Answers once what many subscribers ask about one change, and answers several changes together. Subscribers to the same stream
 * get the same change objects (live/feed.ts), and thousands of them run the same document for the same organization, each with
 * an API key of its own. Each such group costs one execution for a change, however large the group is. The answer comes from a
 * snapshot that shows the change.
 *
 * This is right because what a change shows depends on the change, on the selection, and on the organization and the scopes of
 * the API key. It never depends on which API key it is, nor on the arguments of the subscription's root field. Those arguments,
 * such as `after`, only choose the changes.
 */
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, Kind, visit } from 'graphql';
import type { Caller } from '../../access/caller.ts';

export type Answer = ExecutionResult | Promise<ExecutionResult>;

/** Answers several changes, in their order. */
export type AnswerAll = (
  changes: readonly unknown[],
) => readonly ExecutionResult[] | Promise<readonly ExecutionResult[]>;

/** What an answer depends on of the one who asks. */
export type Asker = Pick<Caller, 'organizationId' | 'actsFrom' | 'scopes'>;

export type SharedAnswers = {
  /** The answer to `question` about `change`, when it was prepared by this or another subscriber, and is still right. */
  find(change: unknown, question: string): Answer | undefined;
  /** Prepares the answers about those of the changes that have none. Returns how many these are. */
  prepare(changes: readonly unknown[], question: string, answerAll: AnswerAll): number;
  /** A text that is the same for the same question. */
  questionOf(args: ExecutionArgs, asker: Asker | null): string;
};

/**
 * Answers live as long as their change. An answer with I/O and errors is only for those who found it while it was made: the next
 * one to ask has it tried again.
 */
export function createSharedAnswers(): SharedAnswers {
  const answers = new WeakMap<object, Map<string, Answer>>();
  const documents = new WeakMap<DocumentNode, { readonly number: number; readonly variables: readonly string[] }>();
  let documentCount = 0;

  const describe = (document: DocumentNode) => {
    let known = documents.get(document);
    if (!known) documents.set(document, (known = { number: ++documentCount, variables: selectionVariables(document) }));
    return known;
  };

  const answersTo = (change: object): Map<string, Answer> => {
    let known = answers.get(change);
    if (!known) answers.set(change, (known = new Map()));
    return known;
  };

  return {
    questionOf({ document, operationName, variableValues }, asker) {
      const { number, variables } = describe(document);
      const values = variables.map((name) => variableValues?.[name] ?? null);
      const view = asker && [asker.organizationId, asker.actsFrom !== undefined, ...[...asker.scopes].sort()];
      return JSON.stringify([number, operationName ?? null, view, ...values]);
    },

    find: (change, question) => answers.get(change as object)?.get(question),

    prepare(changes, question, answerAll) {
      const asked = changes.filter((change) => !answers.get(change as object)?.has(question));
      if (asked.length === 0) return 0;
      const all = answerAll(asked);
      for (const [nth, change] of asked.entries()) {
        const known = answersTo(change as object);
        if (!(all instanceof Promise)) known.set(question, all[nth]!);
        else {
          const answer = all.then((results) => {
            const result = results[nth]!;
            // From now on it is found without waiting.
            if (result.errors) known.delete(question);
            else known.set(question, result);
            return result;
          });
          answer.catch(() => known.delete(question));
          known.set(question, answer);
        }
      }
      return asked.length;
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
