/** A script that is ended while it runs. For reaper.test.ts. */
import { leaveBehind } from './behind.ts';

setInterval(() => {}, 60_000); // It has much to do.
await leaveBehind();
