/** Finds the endpoint for the URL of a target. */
import { judgeTargetUrl, portOf, type UrlPolicy } from '../../../domain/targets/target-url.ts';
import type { Endpoint } from './endpoint.ts';
import { SendFailure } from './send-failure.ts';

export type TargetRoute = { readonly endpoint: Endpoint; readonly path: string };

/**
 * The most verdicts to remember. Many requests share a target, and its verdict stays the same until the machine's own
 * addresses change.
 */
const MAX_REMEMBERED = 10_000;

/** Creates a function that judges URLs by the policy of this process: it may refuse a URL that another policy accepted. */
export function createTargetRouter(policy: UrlPolicy): (url: string) => TargetRoute | SendFailure {
  const remembered = new Map<string, TargetRoute | SendFailure>();
  let judgedWith = policy.ownAddresses?.();
  return (url) => {
    const own = policy.ownAddresses?.();
    if (own !== judgedWith) remembered.clear();
    judgedWith = own;
    const known = remembered.get(url);
    if (known) return known;
    const found = routeTo(url, policy);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(url, found);
    return found;
  };
}

function routeTo(text: string, policy: UrlPolicy): TargetRoute | SendFailure {
  const verdict = judgeTargetUrl(text, policy);
  if (!verdict.ok) {
    return new SendFailure('FORBIDDEN_ADDRESS', `The URL of the target is not allowed. ${verdict.message}`);
  }
  const url = new URL(verdict.url);
  const { origin, host, hostname, protocol, pathname, search } = url;
  const endpoint: Endpoint = {
    origin,
    host,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: portOf(url),
    secure: protocol === 'https:',
  };
  return { endpoint, path: pathname + search };
}
