import { deliverThrough } from '/tmp/wt/statistics/test/fault/workers.ts';
const r = await deliverThrough({ events: 150, faults: { kills: 3, apiKills: 1, crashes: 1 }, betweenMs: [500, 1500], timeoutMs: 120000 });
console.log(r.lines.join('\n'));
