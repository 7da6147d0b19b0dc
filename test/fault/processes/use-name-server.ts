/**
 * Loaded into a service by `node --import`: names are asked of the name server at NAME_SERVER instead of the machine's, and
 * of nobody else. Loopback addresses are allowed in suites, and there the service would also ask the operating system.
 */
import dns from 'node:dns';

const servers = [process.env['NAME_SERVER']!];
const { Resolver } = dns.promises;

class SuiteResolver extends Resolver {
  constructor(options?: dns.ResolverOptions) {
    super(options);
    this.setServers(servers);
  }
}

const unknown = (hostname: string) =>
  Promise.reject(Object.assign(new Error(`queryA ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }));

Object.assign(dns.promises, { Resolver: SuiteResolver, lookup: unknown });
