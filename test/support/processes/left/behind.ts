/**
 * What a test, a bench or a fault suite may have started when it is ended: a process that ignores the signals that ask,
 * a child of that process, and a PostgreSQL. For reaper.test.ts, which listens on TEST_PORT.
 */
import { connect } from 'node:net';
import { startEmbeddedPostgres } from '../../../../src/database/embedded.ts';
import { createFolder } from '../reaper.ts';
import { startProcess } from '../start.ts';

export type Left = { readonly directory: string; readonly postgresPort: number };

/** Says its name to the test, which learns of its end by the end of the connection. */
const STAY = `
  process.on('SIGTERM', () => {}).on('SIGINT', () => {});
  require('node:net').connect(Number(process.argv[1])).write(process.argv[2]);`;
const GRANDCHILD = `
  require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STAY)}, process.argv[1], 'grandchild']);`;

export async function leaveBehind(): Promise<void> {
  const port = Number(process.env['TEST_PORT']);
  startProcess(process.execPath, ['-e', STAY + GRANDCHILD, String(port), 'child'], { stdio: 'ignore' });
  const { path: directory } = await createFolder('hookcast-left-');
  const { databaseUrl } = await startEmbeddedPostgres({
    directory,
    newPassword: 'a password',
    settings: { fsync: 'off' },
  });
  const postgresPort = Number(new URL(databaseUrl).port);
  connect(port).write(JSON.stringify({ directory, postgresPort } satisfies Left));
}
