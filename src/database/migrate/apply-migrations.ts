/**
 * Applies migrations in a process of its own. The schema engine is needed once after an upgrade and takes 30 MB, which the
 * process that serves would keep until its end: also from a thread, whose memory the allocator does not give back.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { DatabaseConnector } from '../connect/database-connection.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';

const ENGINE = new URL('./schema-engine-process.ts', import.meta.url);

/** The names of the migrations that were applied. Rejects with what the engine says of the one that failed. */
export async function applyMigrations({ databaseUrl }: DatabaseConnector): Promise<string[]> {
  const engine = fork(ENGINE, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(engine, 'exit');
  const reply = new Promise<FromEngine>((resolve, reject) => {
    engine.once('message', resolve).once('error', reject);
    engine.once('exit', (code, signal) =>
      reject(new Error(`The process that applies migrations ended with ${code ?? signal}`)),
    );
  });
  engine.send({ databaseUrl } satisfies ToEngine, () => {}); // One that cannot hear has ended, which is told above.
  const answer = await reply;
  await ended;
  if ('applied' in answer) return answer.applied;
  throw Object.assign(new Error(answer.failure.message), { stack: answer.failure.stack });
}
