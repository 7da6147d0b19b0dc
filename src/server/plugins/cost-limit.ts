/**
 * The limit on what an operation may cost (cost.ts). It depends on variables, which the caches of parsing and validation do
 * not know, so it is judged where every transport executes, before any resolver runs.
 */
import type { ExecutionArgs } from 'graphql';
import { getOperationAST } from 'graphql';
import { RequestError } from '../../errors.ts';
import { costOf } from './cost.ts';

/**
 * A query or mutation may hold 100 deliveries with everything about their events, targets and first attempts twice over. Each
 * event of a subscription costs anew, so a subscription may hold a fiftieth.
 */
export const COST_LIMITS = { query: 50_000, mutation: 50_000, subscription: 1_000 } as const;

/** Returns the cost of an operation. Throws QUERY_TOO_COMPLEX when it is over its limit. */
export function requireAffordable({ schema, document, operationName, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  const price = operation && costOf(schema, document, operationName);
  if (!price) return 0; // Execution says what is wrong.
  const variables = variableValues ?? {};
  const cost = price.total(variables);
  const limit = COST_LIMITS[operation.operation];
  if (cost <= limit) return cost;
  const { field, cost: part } = price.costliest(variables);
  const what =
    operation.operation === 'subscription' ? 'Each event of this subscription' : `This ${operation.operation}`;
  const message =
    `${what} costs ${cost}, more than the limit of ${limit}: ${field} alone costs ${part}. ` +
    'Ask for smaller pages (`first`), or for less in each item.';
  throw new RequestError('QUERY_TOO_COMPLEX', message, { cost, limit, field });
}
