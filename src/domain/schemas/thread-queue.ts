/**
 * Shares a few threads between organizations: each has one thread at most, and the next free thread goes to the
 * organization that was given the least time since it began to wait. So an organization with expensive schemas waits alone.
 */
import { RequestError } from '../../errors.ts';
import { createSchemaThread, type SchemaThread } from './thread.ts';

export type ThreadQueue = {
  /**
   * Runs `work` when a thread is free. `size` is the memory that it holds meanwhile, in characters. Throws
   * SERVICE_UNAVAILABLE when the organization has too much waiting.
   */
  run<T extends Spent>(organizationId: string, size: number, work: (thread: SchemaThread) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** What a piece of work took, in milliseconds. */
type Spent = { readonly spentMs: number };

type Waiting = { readonly size: number; readonly start: (thread: SchemaThread) => Promise<Spent> };

type Line = {
  readonly organizationId: string;
  readonly waiting: Waiting[];
  size: number;
  isRunning: boolean;
  /** Time given to the organization. It begins with that of the others at its arrival. */
  givenMs: number;
};

/** Two: while one organization keeps one thread busy, the others have the second. */
const THREADS = 2;
/** The limits of one organization: requests, and their data in characters. The largest request has 8 Mi. */
const MOST_WAITING = 100;
const MOST_CHARACTERS = 16 * 2 ** 20;
/** The limit of all organizations together. */
const MOST_CHARACTERS_TOTAL = 64 * 2 ** 20;

export function createThreadQueue(threadCount = THREADS, createThread = createSchemaThread): ThreadQueue {
  const threads: SchemaThread[] = [];
  const free: SchemaThread[] = [];
  const lines = new Map<string, Line>();
  let totalSize = 0;
  let servedMs = 0;

  function lineOf(organizationId: string): Line {
    let line = lines.get(organizationId);
    if (!line) {
      line = { organizationId, waiting: [], size: 0, isRunning: false, givenMs: servedMs };
      lines.set(organizationId, line);
    }
    return line;
  }

  function takeThread(): SchemaThread | undefined {
    if (free.length > 0 || threads.length === threadCount) return free.pop();
    const thread = createThread();
    threads.push(thread);
    return thread;
  }

  function next(): Line | undefined {
    let first: Line | undefined;
    for (const line of lines.values()) {
      if (line.isRunning || line.waiting.length === 0) continue;
      if (!first || line.givenMs < first.givenMs) first = line;
    }
    return first;
  }

  function startNext(): void {
    const line = next();
    const thread = line && takeThread();
    if (!line || !thread) return;
    servedMs = Math.max(servedMs, line.givenMs);
    void runOne(line, thread);
  }

  async function runOne(line: Line, thread: SchemaThread): Promise<void> {
    const { size, start } = line.waiting.shift()!;
    line.isRunning = true;
    const { spentMs } = await start(thread);
    line.givenMs += spentMs;
    line.isRunning = false;
    line.size -= size;
    totalSize -= size;
    if (line.waiting.length === 0) lines.delete(line.organizationId);
    free.push(thread);
    startNext();
  }

  return {
    run: (organizationId, size, work) =>
      new Promise((resolve, reject) => {
        const line = lineOf(organizationId);
        const isFull = line.waiting.length >= MOST_WAITING || line.size + size > MOST_CHARACTERS;
        if (isFull || totalSize + size > MOST_CHARACTERS_TOTAL) {
          if (!line.isRunning && line.waiting.length === 0) lines.delete(organizationId);
          return reject(tooMany());
        }
        line.size += size;
        totalSize += size;
        const start = async (thread: SchemaThread): Promise<Spent> => {
          try {
            const done = await work(thread);
            resolve(done);
            return done;
          } catch (error) {
            reject(error as Error);
            return { spentMs: 0 };
          }
        };
        line.waiting.push({ size, start });
        startNext();
      }),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

const tooMany = (): RequestError =>
  new RequestError(
    'SERVICE_UNAVAILABLE',
    'Nothing was published: too much data waits to be checked against the JSON Schemas of event types. Try again.',
  );
