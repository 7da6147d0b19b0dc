/** Which operation of a document is meant: the same over GET, POST, SSE and WebSocket. */
import { type DocumentNode, getOperationAST } from 'graphql';
import { quote } from '../../domain/text.ts';
import { httpError } from '../http-error.ts';
import type { ServerPlugin } from '../request-record.ts';

const MAX_NAMES = 10;

/** An empty name counts as none, like `operationName=` in a URL. */
export const operationNameOf = (given: unknown): unknown => (given === '' || given === null ? undefined : given);

/** Throws 400 when `operationName` chooses no operation of the document. */
function requireOperation(document: DocumentNode, operationName: unknown): void {
  const isName = operationName === undefined || typeof operationName === 'string';
  if (isName && getOperationAST(document, operationName)) return;
  const operations = document.definitions.filter((each) => each.kind === 'OperationDefinition');
  const names = operations.flatMap((operation) => (operation.name ? [quote(operation.name.value)] : []));
  if (operations.length === 0) throw httpError(400, 'Expected a document with an operation, got fragments only.');
  if (operations.length > 1 && names.length === 0) {
    throw httpError(400, `Expected one operation without a name, got ${operations.length}. Send one, or name them.`);
  }
  if (names.length === 0) {
    throw httpError(400, `Expected no operationName, since the operation has no name, got ${shown(operationName)}.`);
  }
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const choices = names.slice(0, MAX_NAMES).join(', ') + more;
  throw httpError(400, `Expected operationName to be one of ${choices}, got ${shown(operationName)}.`);
}

function shown(operationName: unknown): string {
  if (operationName === undefined) return 'none';
  return typeof operationName === 'string' ? quote(operationName) : `a value of type ${typeof operationName}`;
}

/** Checks as soon as the document is parsed, because the same check of Yoga comes later and says less. */
export function useOperationName(): ServerPlugin {
  return {
    onParams({ params, setParams }) {
      if (params.operationName === '') setParams({ ...params, operationName: undefined as never });
    },
    onParse:
      () =>
      ({ result, context: { params } }) => {
        if (!(result instanceof Error))
          requireOperation(result as DocumentNode, operationNameOf(params?.operationName));
      },
  };
}
