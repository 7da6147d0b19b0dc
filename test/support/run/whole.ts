/**
 * The test files of `npm run test:whole`, which `npm test` leaves out: what they show takes whole processes and browsers, and
 * most of their time they wait for real leases, restarts, pages and compilers. What a customer sees of another, and what an
 * attacker does, is never here: so the portal and the pages with hostile texts stay in `npm test`, with the way from a new
 * target to a delivery.
 */
import { requireFiles } from './common.ts';

export const WHOLE: readonly string[] = requireFiles([
  // Processes of the service that are killed, stopped or cut off, and a PostgreSQL that crashes, hangs or is full.
  'test/e2e/{crash,idempotency,kill,outages,probes,stall,worker-faults}.test.ts',
  'test/e2e/streams/{clients,faults,packages}.test.ts',
  'test/cli/{listen.resume,serve}.test.ts',
  'test/client/{index.browser,watch}.test.ts',
  'test/database/embedded.test.ts',
  'test/live/feed.outage.test.ts',
  'test/pipeline/replay/runner.test.ts',
  'test/pipeline/upkeep/statistics/roll-up.kill.test.ts',
  'test/support/processes/reaper.test.ts',
  // Two releases side by side.
  'test/upgrade/rolling-upgrade.test.ts',
  // Load: limits over three processes, rotations under hundreds of requests a second.
  'test/e2e/{rotation,target-limits}.test.ts',
  // A browser on each page of the console, with a restart and 10,000 rows; on GraphiQL; on the demo.
  'test/console/{pages,pages.keyboard,pages.style}.test.ts',
  'test/console/deliveries/deliveries-page{,.many,.restart,.rows}.test.ts',
  'test/console/deliveries/one/delivery-page{,.order}.test.ts',
  'test/console/{events,settings}/**/*-page.test.ts',
  'test/console/replays/new-replay-page.prefilled.test.ts',
  'test/console/{event-types,events,replays,search,shell,statistics,targets,ui}/**/*.browser.test.ts',
  'test/server/pages/graphiql.browser.test.ts',
  'test/cli/demo.console.test.ts',
  // Half a minute of waiting: a replay takes an event when no transaction that began before it can still be open.
  'test/cli/replay.test.ts',
  // Streams that stay quiet for longer than the limits of the proxies before them.
  'test/server/streams/streams.proxies.test.ts',
  // What others compile and run: receivers of every language, the packed package, every example and command of the
  // command line, and the runbook.
  'test/cli/{commands,commands.examples}.test.ts',
  'test/e2e/runbook.test.ts',
  'test/verify/{package,receivers,receivers.languages}.test.ts',
]);
