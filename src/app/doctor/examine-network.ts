/** Whether this machine finds the addresses of targets, and reaches them: by the code that sends. */
import { getServers, promises as dns } from 'node:dns';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { createConnector, type ConnectStage } from '../../pipeline/deliver/http/connect.ts';
import { createLookup } from '../../pipeline/deliver/http/resolve.ts';
import { createTargetRouter } from '../../pipeline/deliver/http/route.ts';
import { SendFailure, timeoutFailure, type FailureOutcome } from '../../pipeline/deliver/http/send-failure.ts';
import { useProxy } from '../../pipeline/deliver/send.ts';
import { createUrlPolicy } from '../url-policy.ts';
import { isBroken, isWell, isWorrying, type Finding } from './finding.ts';

type Network = {
  readonly config: Config;
  readonly clock: Clock;
  readonly url: string | undefined;
  readonly nameServers: readonly string[] | undefined;
};

const DNS_MS = 3_000;

export async function* examineNetwork({ config, clock, url, nameServers }: Network): AsyncGenerator<Finding> {
  // A proxy that resolves names asks its own name servers.
  if (!config.egressProxyResolves) yield await examineNameServers(nameServers);
  if (url !== undefined) yield await examineWay({ config, clock, nameServers, url });
  else yield isWell('egress', 'not tried: --url https://… opens a connection to a receiver, as to a target');
}

/** Asks for the root of all names. Where a name server answers that it does not know it, or will not tell, it answers. */
async function examineNameServers(nameServers: readonly string[] = getServers()): Promise<Finding> {
  const named = nameServers.join(', ');
  const resolver = new dns.Resolver({ timeout: DNS_MS, tries: 1 });
  resolver.setServers(nameServers);
  const code = await resolver.resolveNs('.').then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (code === undefined || ['ENOTFOUND', 'ENODATA', 'EREFUSED'].includes(code)) {
    return isWell('DNS', `the name servers of this machine answer (${named})`);
  }
  const cure =
    'without one only targets with an IP address are reached. Correct /etc/resolv.conf, or let the way through';
  return isWorrying('DNS', `the name servers of this machine (${named}) do not answer (${code}): ${cure}`);
}

/** Opens a connection to a URL and closes it. Nothing is sent. */
async function examineWay({ config, clock, nameServers, url }: Network & { readonly url: string }): Promise<Finding> {
  const policy = createUrlPolicy(config, clock);
  const route = createTargetRouter(policy)(url);
  if (route instanceof SendFailure) return isBroken('egress', route.message);
  const { egressProxy: proxy, egressProxyResolves: resolvesNames, attemptTimeoutMs: timeoutMs } = config;
  const lookup = createLookup(policy, nameServers);
  const proxied = useProxy(proxy && { proxy, resolvesNames }, timeoutMs);
  const connect = createConnector({ policy, lookup, ca: undefined, clock, proxied });
  const place = { organizationId: 'doctor', identity: null, ...route };
  const startedMs = clock.monotonicMs();
  let stage: ConnectStage = 'resolving';
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(timeoutFailure(route.endpoint.host, { stage, status: 0, timeoutMs, hasWaited: false })),
    timeoutMs,
  );
  try {
    const socket = await connect(place, late.signal, (next) => (stage = next));
    socket.destroy();
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    return isWell('egress', `${url} is reached${proxy ? ' through the egress proxy' : ''}, in ${tookMs} ms`);
  } catch (error) {
    if (!(error instanceof SendFailure)) throw error;
    const cure = CURES[error.outcome];
    return isBroken('egress', `${error.outcome}: ${error.message}${cure ? ` ${cure}` : ''}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Where the failure itself, which is written for the person who runs the receiver, does not say what to look at here. */
const CURES: Readonly<Partial<Record<FailureOutcome, string>>> = {
  TIMEOUT: 'Look at firewalls and routes.',
  PROXY_ERROR: 'Look at EGRESS_PROXY, and at the rules of the proxy.',
};
