/**
 * Runs in a network namespace (namespace.ts): gives its interface public addresses, and sends to them with the policy that
 * the service makes for production. Prints the outcomes as JSON.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import { createUrlPolicy } from '../../../src/app/url-policy.ts';
import { systemClock } from '../../../src/clock.ts';
import { loadConfig } from '../../../src/config.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../certificates/certificates.ts';
import { PUBLIC_ADDRESSES, PUBLIC_NAME } from './forbidden.ts';

/** Outcomes by what was allowed: the two addresses as literals, then the name that has both. */
type Outcomes<T> = { readonly before: T; readonly own: T; readonly other: T; readonly allowed: T };
export type OwnReport = Outcomes<readonly string[]> & { readonly connections: Outcomes<number> };

const OTHER_ADDRESS = '93.184.216.35';
const [V4, V6] = PUBLIC_ADDRESSES;
const OWN_URLS = [`https://${V4}/`, `https://[${V6}]/`, `https://${PUBLIC_NAME}/`];

let connections = 0;
const receiver = https.createServer(certificates.valid(), (request, response) => {
  request.resume().on('end', () => response.writeHead(200, { connection: 'close' }).end());
});
receiver.on('connection', () => connections++).listen(443, '::');
await once(receiver, 'listening');

function addAddress(cidr: string): void {
  const family = cidr.includes(':') ? ['-6'] : [];
  const { status, stderr } = spawnSync('ip', [...family, 'addr', 'add', cidr, 'dev', 'lo'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip addr add ${cidr}: ${stderr}`);
}

/** As a worker has it that starts now. */
async function attempt(urls: readonly string[], allowedNetworks = ''): Promise<{ outcomes: string[]; count: number }> {
  const config = loadConfig({
    DATABASE_URL: 'postgresql://localhost/x',
    ALLOWED_NETWORKS: allowedNetworks,
    MASTER_KEY: Buffer.from('0123456789abcdef0123456789abcdef').toString('base64'),
  });
  const sender = createSender({
    policy: createUrlPolicy(config, systemClock),
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    ca: testAuthority(),
    lookup: async () => [V4, V6].map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  connections = 0;
  const outcomes: string[] = [];
  for (const url of urls) {
    const result = await sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
    outcomes.push(result.kind === 'response' ? String(result.status) : result.outcome);
  }
  await sender.close();
  return { outcomes, count: connections };
}

const before = await attempt(OWN_URLS);
addAddress(`${V4}/32`);
addAddress(`${V6}/128`);
const own = await attempt(OWN_URLS);
const other = await attempt([`https://${OTHER_ADDRESS}/`]);
const allowed = await attempt(OWN_URLS, `${V4}/32,${V6}/128`);
const parts = { before, own, other, allowed };
const outcomes = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.outcomes]));
const counts = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.count]));
console.log(JSON.stringify({ ...outcomes, connections: counts }));
process.exit(0);
