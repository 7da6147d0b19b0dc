/**
 * A thread that does one job after another, and is ended when a job takes too long. Checks end in time by themselves
 * (thread-main.ts); this limit is for what even that cannot end, such as a schema that needs all the memory there is.
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CheckReply, ExamineJob, ExamineReply, ThreadJob } from './thread-messages.ts';

/** A schema, under a number of its own. */
export type KeyedSchema = { readonly key: number; readonly text: string };

export type ThreadCheckItem = { readonly schema: KeyedSchema; readonly dataText: string };

export type SchemaThread = {
  /** Checks one job at a time. Undefined: the thread had to be ended. */
  check(items: readonly ThreadCheckItem[], budgetMs: number): Promise<CheckReply | undefined>;
  examine(job: Omit<ExamineJob, 'kind'>): Promise<ExamineReply | undefined>;
  close(): Promise<void>;
};

/** .js in the package, which is compiled. */
const THREAD = new URL(`./thread-main${extname(import.meta.filename)}`, import.meta.url);
/** Compiling a stored schema may take 20 s, and a budget 6 s where the machine gives the thread hardly any CPU time. */
const DEADLINE_MS = 30_000;
/** Schemas that a thread keeps compiled: a small one takes about 100 KB. */
const MOST_SCHEMAS = 300;
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/** The thread starts with the first job, and again after a job that it did not survive. When idle, it keeps no process alive. */
export function createSchemaThread(deadlineMs = DEADLINE_MS): SchemaThread {
  let worker: Worker | undefined;
  /** What the thread has compiled, the longest unused first. */
  const loaded = new Set<number>();

  function start(): Worker {
    loaded.clear();
    const fresh = new Worker(THREAD, { resourceLimits: RESOURCE_LIMITS });
    fresh.unref();
    // It may also fail between two jobs, when nobody listens: an error without a listener would end the process.
    fresh.on('error', () => {});
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined;
    });
    return fresh;
  }

  /** Nothing is known of a thread that failed: the next job gets another one. */
  async function end(): Promise<void> {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  async function run<Answer>(job: ThreadJob): Promise<Answer | undefined> {
    const thread = (worker ??= start());
    thread.ref();
    // One signal takes all listeners away. Not removeAllListeners: the Worker has some of its own.
    const answered = new AbortController();
    const { signal } = answered;
    try {
      const ended = once(thread, 'exit', { signal }).then(() => Promise.reject(new Error('The thread ended')));
      const late = delay(deadlineMs, undefined, { signal }).then(() => Promise.reject(new Error('It took too long')));
      const answer = once(thread, 'message', { signal }); // Rejects when the thread emits an error.
      thread.postMessage(job);
      return (await Promise.race([answer, ended, late]))[0];
    } catch {
      await end();
      return undefined;
    } finally {
      answered.abort();
      thread.unref();
    }
  }

  /** Chooses what the thread must compile for these items, and what it forgets in exchange. */
  function load(items: readonly ThreadCheckItem[]) {
    const used = new Map(items.map(({ schema }) => [schema.key, schema]));
    const schemas = [...used.values()].filter(({ key }) => !loaded.has(key));
    for (const key of used.keys()) {
      loaded.delete(key);
      loaded.add(key);
    }
    const surplus = Math.max(loaded.size - Math.max(MOST_SCHEMAS, used.size), 0);
    const forget = [...loaded].slice(0, surplus);
    for (const key of forget) loaded.delete(key);
    return { schemas: schemas.map(({ key, text }) => ({ key, text })), forget };
  }

  return {
    check(items, budgetMs) {
      worker ??= start();
      const data = items.map(({ schema: { key }, dataText }) => ({ key, dataText }));
      return run({ kind: 'check', ...load(items), items: data, budgetMs });
    },
    examine: (job) => run({ kind: 'examine', ...job }),
    close: end,
  };
}
