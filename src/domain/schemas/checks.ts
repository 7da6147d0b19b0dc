/**
 * Checks data against JSON Schemas without holding up the event loop. Quick checks are done at once, for a few milliseconds
 * of a request. Threads do the rest, and every check that a pattern or a reference can make slow.
 */
import { RequestError } from '../../errors.ts';
import { allowanceMs, createCheckBudget, spentCpuMs, type CheckBudget } from './budget.ts';
import { compileSchema, type FindViolation } from './compile.ts';
import { schemaSteps } from './schema-cost.ts';
import { unknownSteps, type Steps } from './pattern-cost.ts';
import type { CheckReply } from './thread-messages.ts';
import type { KeyedSchema, SchemaThread } from './thread.ts';
import { createThreadQueue, type ThreadQueue } from './thread-queue.ts';

/** A schema as it is stored; each thread compiles it when it needs it. */
export type StoredSchema = KeyedSchema & {
  readonly stepsFor: Steps;
  /** The compiled schema of the event loop. */
  findViolation?: FindViolation;
};

export type CheckItem = { readonly schema: StoredSchema; readonly dataText: string };

export type SchemaChecks = {
  /** Opens a schema that was stored; `examine` is for a new one. */
  open(schema: object | boolean): StoredSchema;
  /**
   * For each item the rule that its data breaks, or undefined. A promise where a thread is needed; it rejects with
   * SERVICE_UNAVAILABLE when the threads have too much to do.
   */
  check(organizationId: string, items: readonly CheckItem[], budget?: CheckBudget): Violations | Promise<Violations>;
  /** What is wrong with a new schema or its example (null: no example); undefined when both can be stored. */
  examine(schema: unknown, example: unknown): Promise<SchemaFault | undefined>;
  close(): Promise<void>;
};

export type Violations = (string | undefined)[];

export type SchemaFault = { readonly at: 'schema' | 'example'; readonly reason: string };

/** A larger schema takes too long to compile, and to look through, for the event loop. */
const MOST_CHARACTERS = 16 * 1024;
/** About three milliseconds. */
const MOST_STEPS = 2_000_000;
/** Time of one request on the event loop, before its rest goes to a thread. */
const MOST_LOOP_MS = 10;
/** A schema that needs longer is refused when it is to be stored. */
const COMPILE_LIMIT_MS = 2_000;
/** The name that takes turns when the catalog of the deployment is changed. */
const CATALOG = 'catalog';

export const OVER_BUDGET =
  'it could not be checked in the time that a request has for its checks (100 ms). Publish fewer events at once, or ' +
  'have the schema made cheaper: its patterns, references or uniqueItems take too long for this data';

export function createSchemaChecks(queue: ThreadQueue = createThreadQueue()): SchemaChecks {
  let nextKey = 0;

  return {
    open(schema) {
      const text = JSON.stringify(schema);
      const stepsFor = text.length > MOST_CHARACTERS ? unknownSteps : schemaSteps(schema);
      return { key: nextKey++, text, stepsFor };
    },

    check(organizationId, items, budget = createCheckBudget()) {
      budget.leftMs += allowanceMs(sizeOf(items));
      const violations: Violations = Array.from(items, () => undefined);
      const later: number[] = [];
      let loopMs = 0;
      items.forEach(({ schema, dataText }, index) => {
        if (loopMs > MOST_LOOP_MS || schema.stepsFor(dataText.length) > MOST_STEPS) return later.push(index);
        const findViolation = compiledHere(schema);
        const startMs = spentCpuMs();
        violations[index] = findViolation(dataText);
        loopMs += spentCpuMs() - startMs;
        return undefined;
      });
      budget.leftMs -= loopMs;
      if (later.length === 0) return violations;
      return checkLater(organizationId, items, later, budget).then((found) => {
        later.forEach((index, place) => (violations[index] = found[place]));
        return violations;
      });
    },

    async examine(schema, example) {
      const exampleText = example === null ? null : JSON.stringify(example);
      const schemaText = JSON.stringify(schema);
      const job = { schemaText, exampleText, compileLimitMs: COMPILE_LIMIT_MS, budgetMs: createCheckBudget().leftMs };
      const size = schemaText.length + (exampleText?.length ?? 0);
      const examine = async (thread: SchemaThread) => ({ spentMs: 0, reply: await thread.examine(job) });
      const { reply } = await queue.run(CATALOG, size, examine);
      if (!reply) return { at: 'schema', reason: 'it is too large to compile' };
      if (reply.reason !== null) return { at: 'schema', reason: reply.reason };
      if (reply.example.rest === 'out of time') throw outOfTime();
      if (reply.example.rest === 'over budget') return { at: 'example', reason: OVER_BUDGET };
      const [violation] = reply.example.violations;
      return violation == null ? undefined : { at: 'example', reason: violation };
    },

    close: () => queue.close(),
  };

  async function checkLater(
    organizationId: string,
    items: readonly CheckItem[],
    later: readonly number[],
    budget: CheckBudget,
  ): Promise<Violations> {
    if (budget.leftMs <= 0) return later.map(() => OVER_BUDGET);
    const jobs = later.map((index) => items[index]!);
    const reply = await queue.run(organizationId, sizeOf(jobs), async (thread): Promise<CheckReply> => {
      const checked = await thread.check(jobs, budget.leftMs);
      return checked ?? { violations: [], spentMs: budget.leftMs, rest: 'over budget' };
    });
    budget.leftMs -= reply.spentMs;
    if (reply.rest === 'out of time') throw outOfTime();
    return later.map((_, place) =>
      place < reply.violations.length ? (reply.violations[place] ?? undefined) : OVER_BUDGET,
    );
  }
}

const sizeOf = (items: readonly CheckItem[]): number => items.reduce((sum, { dataText }) => sum + dataText.length, 0);

function compiledHere(schema: StoredSchema): FindViolation {
  if (schema.findViolation) return schema.findViolation;
  const compiled = compileSchema(JSON.parse(schema.text), { isKnown: true });
  // It compiled when it was stored. If it no longer compiles, it must not let everything through.
  return (schema.findViolation = compiled.ok ? compiled.findViolation : () => compiled.reason);
}

const outOfTime = (): RequestError =>
  new RequestError(
    'SERVICE_UNAVAILABLE',
    'The data could not be checked against the JSON Schema of its type: the machine is too busy. Try again.',
  );
