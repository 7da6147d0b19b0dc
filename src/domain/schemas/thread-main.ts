/** A thread for schemas and patterns that may take any time: here they hold up no event loop. */
import { parentPort } from 'node:worker_threads';
import 'ajv/dist/2020.js'; // Now: within the time limit of a schema it might be loaded by half.
import { spentCpuMs } from './budget.ts';
import { compileSchema, type CompiledSchema, type FindViolation } from './compile.ts';
import type { CheckJob, CheckReply, ExamineJob, ExamineReply, ThreadJob } from './thread-messages.ts';
import { runWithin, TimeOverError } from './time-limit.ts';

/** A stored schema once compiled within COMPILE_LIMIT_MS; the machine may be slower now. */
const STORED_COMPILE_LIMIT_MS = 20_000;
/** The clock ends a run, but CPU time decides: where it was not spent, the run is repeated with twice the time. */
const MOST_RUNS = 6;
/** The timer of the clock may be a little early or late. */
const ALMOST = 0.8;

const loaded = new Map<number, FindViolation>();

function load({ schemas, forget }: CheckJob): void {
  for (const key of forget) loaded.delete(key);
  for (const { key, text } of schemas) {
    const compiled = compileWithin(STORED_COMPILE_LIMIT_MS, JSON.parse(text), true);
    // It compiled when it was stored. If it no longer compiles, it must not let everything through.
    loaded.set(key, compiled.ok ? compiled.findViolation : () => compiled.reason);
  }
}

function compileWithin(limitMs: number, schema: unknown, isKnown: boolean): CompiledSchema {
  try {
    return runWithin(limitMs, () => compileSchema(schema, { isKnown }));
  } catch (error) {
    if (error instanceof TimeOverError) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Runs the checks in their order, as far as the budget goes. */
function runChecks(count: number, checkAt: (index: number) => string | undefined, budgetMs: number): CheckReply {
  const violations: (string | null)[] = [];
  const startMs = spentCpuMs();
  let leftMs = budgetMs;
  for (let run = 0; run < MOST_RUNS && violations.length < count; run++) {
    const [runStartMs, done] = [spentCpuMs(), violations.length];
    const isOver = !endsWithin(leftMs * 2 ** run, () => {
      while (violations.length < count) violations.push(checkAt(violations.length) ?? null);
    });
    const runMs = spentCpuMs() - runStartMs;
    if (isOver && runMs >= ALMOST * leftMs) {
      return { violations, spentMs: spentCpuMs() - startMs, rest: 'over budget' };
    }
    // A check that was begun and not ended is begun again: it must not pay twice.
    if (violations.length > done) leftMs -= runMs;
  }
  const rest = violations.length < count ? 'out of time' : 'none';
  return { violations, spentMs: spentCpuMs() - startMs, rest };
}

function endsWithin(limitMs: number, work: () => void): boolean {
  try {
    runWithin(Math.max(1, Math.ceil(limitMs)), work);
    return true;
  } catch (error) {
    if (error instanceof TimeOverError) return false;
    throw error;
  }
}

function check(job: CheckJob): CheckReply {
  load(job);
  const checkAt = (index: number) => {
    const { key, dataText } = job.items[index]!;
    return loaded.get(key)!(dataText);
  };
  return runChecks(job.items.length, checkAt, job.budgetMs);
}

function examine({ schemaText, exampleText, compileLimitMs, budgetMs }: ExamineJob): ExamineReply {
  const compiled = compileWithin(compileLimitMs, JSON.parse(schemaText), false);
  const none: CheckReply = { violations: [], spentMs: 0, rest: 'none' };
  if (!compiled.ok) return { reason: compiled.reason, example: none };
  if (exampleText === null) return { reason: null, example: none };
  return { reason: null, example: runChecks(1, () => compiled.findViolation(exampleText), budgetMs) };
}

parentPort!.on('message', (job: ThreadJob) =>
  parentPort!.postMessage(job.kind === 'check' ? check(job) : examine(job)),
);
