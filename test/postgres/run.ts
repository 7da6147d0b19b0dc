/**
 * npm run test:postgres
 *
 * The end-to-end tests and the plan checks on a stock PostgreSQL (PG_BIN, or the newest where Debian installs it), and the
 * tests of what only such a server shows. Says what it could not test for want of a package; exits with 0 then.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { runAsAccount } from '../support/postgres/account.ts';
import { findPgBouncer } from '../support/postgres/pgbouncer.ts';
import { startProcess } from '../support/processes/start.ts';
import { findStockBinaries } from '../support/postgres/stock-postgres.ts';

const VITEST = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const CONFIG = new URL('./vitest.config.ts', import.meta.url).pathname;

const binaries = await findStockBinaries().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
if (binaries === undefined) {
  console.log('SKIPPED: there is no PostgreSQL in /usr/lib/postgresql, and PG_BIN is not set.');
  console.log('Install the package `postgresql`, or set PG_BIN to the folder of its programs.');
  process.exit(0);
}
console.log(`${(await runAsAccount(join(binaries, 'postgres'), ['--version'])).trim()} in ${binaries}`);
const child = startProcess(process.execPath, [VITEST, 'run', '--config', CONFIG, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const [code] = await once(child, 'exit');
if ((await findPgBouncer()) === undefined) {
  console.log('SKIPPED: PgBouncer, because it is not installed. Install the package `pgbouncer`.');
}
process.exit(Number(code ?? 1));
