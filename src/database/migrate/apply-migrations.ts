/**
 * Applies migrations in a process of its own. The schema engine is needed once after an upgrade and takes 30 MB. The process
 * that serves would keep them until its end, even for a thread: the allocator does not give a thread's memory back.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { DatabaseConnector } from '../connect/database-connection.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';

/** .js in the package, which is compiled. */
const ENGINE = new URL(`./schema-engine-process${extname(import.meta.filename)}`, import.meta.url);

/** Returns the names of the migrations that were applied. Rejects with the engine's message when a migration fails. */
export async function applyMigrations({ databaseUrl }: DatabaseConnector): Promise<string[]> {
  const engine = fork(ENGINE, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(engine, 'exit');
  const reply = new Promise<FromEngine>((resolve, reject) => {
    engine.once('message', resolve).once('error', reject);
    engine.once('exit', (code, signal) =>
      reject(new Error(`The process that applies migrations ended with ${code ?? signal}`)),
    );
  });
  engine.send({ databaseUrl } satisfies ToEngine, () => {}); // An engine that cannot hear has ended, which is told above.
  const answer = await reply;
  await ended;
  if ('applied' in answer) return answer.applied;
  throw Object.assign(new Error(answer.failure.message), { stack: answer.failure.stack });
}
