/**
 * DATABASE_URL, read once and whole: what libpq's connection URIs say (PostgreSQL manual, 34.1.1.2), with several hosts,
 * and `schema`, which is ours. node-postgres would read it too, but lets a parameter of the URL win over what the service
 * sets itself, and knows one host only.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type ConnectionOptions, type SecureContextOptions } from 'node:tls';

export type Host = { readonly host: string; readonly port: number };

export type DatabaseUrl = {
  /** At least one host. They are tried in turn, and the host that takes writes is used. */
  readonly hosts: readonly Host[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** Where the tables of Hookcast are. */
  readonly schema: string;
  readonly ssl: false | ConnectionOptions;
  readonly sslNegotiation: 'postgres' | 'direct';
  /** Server settings of the operator. Where the service sets the same one, the service wins (session.ts). */
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
};

export const DEFAULT_SCHEMA = 'public';
const DEFAULT_PORT = 5432;
/** pg-boss takes names of 50 characters, and its schema is named after ours. */
const SCHEMA_NAME = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/;

/** Parameters that the service sets on each connection whatever the URL says. node-postgres took them from a URL before. */
const OURS: ReadonlySet<string> = new Set([
  'statement_timeout',
  'query_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'client_encoding',
  'connect_timeout',
  'connectionTimeoutMillis',
  'max',
  'min',
  'idleTimeoutMillis',
  'keepalives',
  'keepAlive',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'fallback_application_name',
  'pipeline',
  'binary',
  'connection_limit',
  'pool_timeout',
  'pgbouncer',
  'load_balance_hosts',
  'encoding',
  'sslcompression',
  'krbsrvname',
  'passfile',
  'channel_binding',
  'gssencmode',
]);
/** Parameters that node-postgres ignores: an operator who writes `require` would trust in something that is not done. */
const NEVER_REQUIRED = ['channel_binding', 'gssencmode'];
const TAKEN: ReadonlySet<string> = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'schema',
  'options',
  'application_name',
  'target_session_attrs',
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'uselibpqcompat',
]);

/** Throws an Error that says what was expected. It never quotes the URL, which holds a password. */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  // The last @ ends the password, so a password may hold an @ that is not escaped.
  const parts = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text.trim());
  if (!parts) return refuse('a URL such as postgresql://user:password@host:5432/database', ESCAPING);
  const [, login = '', hostList = '', path = '', query = ''] = parts;
  // Otherwise the rest of a password would pass for a host or for a parameter, and be shown as one.
  if (path.includes('@') || (login === '' && query.includes('@'))) {
    refuse('no @ after the first / or ? behind the hosts', ESCAPING);
  }
  const parameters = new URLSearchParams(query);
  requireKnown(parameters);
  const parameter = (name: string) => parameters.get(name) || undefined;
  const [user = '', ...password] = login.split(':');
  const schema = parameter('schema') ?? DEFAULT_SCHEMA;
  if (!SCHEMA_NAME.test(schema)) {
    refuse('schema to be 1 to 40 lower-case letters, digits and underscores, without pg_ in front', `not "${schema}"`);
  }
  const attributes = parameter('target_session_attrs') ?? 'read-write';
  if (!['any', 'read-write', 'primary'].includes(attributes)) {
    refuse('target_session_attrs to be read-write, since the service writes', `not "${attributes}"`);
  }
  return {
    hosts: hostsOf(parameter('host') ?? decode(hostList), parameter('port')),
    user: parameter('user') ?? (decode(user) || undefined),
    password: parameter('password') ?? (decode(password.join(':')) || undefined),
    database: parameter('dbname') ?? (decode(path) || undefined),
    schema,
    ...tlsOf(parameter),
    options: parameter('options'),
    applicationName: parameter('application_name'),
  };
}

const ESCAPING =
  'in a password or name, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25; hosts are separated by commas';

function refuse(expected: string, came: string): never {
  throw new Error(`expected ${expected}; ${came}`);
}

function requireKnown(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (!TAKEN.has(name) && !OURS.has(name)) {
      const shown = /^[A-Za-z_]{1,40}$/.test(name) ? `not ${name}` : ESCAPING;
      refuse(`parameters that are known (${[...TAKEN].join(', ')})`, shown);
    }
    if (NEVER_REQUIRED.includes(name) && value === 'require') {
      refuse(`no ${name}=require, which the service cannot keep`, 'use sslmode=verify-full');
    }
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('%-escapes of two hexadecimal digits', ESCAPING);
  }
}

/** `h1:5432,h2,[::1]:5433` or `/var/run/postgresql`; `ports` holds one for all hosts, or one for each. */
function hostsOf(list: string, ports: string | undefined): Host[] {
  const common = ports?.split(',') ?? [];
  const names = list.split(',');
  if (common.length > 1 && common.length !== names.length) {
    refuse('one port for all hosts, or one for each', `${common.length} ports for ${names.length} hosts`);
  }
  return names.map((name, index) => {
    const [, host, port] =
      /^(\/.*?|\[[0-9A-Fa-f:.]+\]|[^:]*)(?::(\d*))?$/.exec(name.trim()) ?? refuse('host:port', ESCAPING);
    const number = Number(port || common[common.length > 1 ? index : 0] || DEFAULT_PORT);
    if (!(Number.isInteger(number) && number >= 1 && number <= 65_535)) {
      refuse('ports from 1 to 65535, after user:password@', ESCAPING);
    }
    return { host: host!.replace(/^\[(.*)\]$/, '$1') || 'localhost', port: number };
  });
}

type Parameter = (name: string) => string | undefined;

/**
 * How TLS is used. Stricter than libpq, as node-postgres has been: every sslmode that asks for TLS checks the certificate
 * and the name, but for `no-verify`. `uselibpqcompat=true` gives `require` and `verify-ca` their weaker meaning in libpq.
 */
function tlsOf(parameter: Parameter): Pick<DatabaseUrl, 'ssl' | 'sslNegotiation'> {
  const flag = parameter('ssl');
  const files = { ca: parameter('sslrootcert'), cert: parameter('sslcert'), key: parameter('sslkey') };
  const sslNegotiation = parameter('sslnegotiation') === 'direct' ? 'direct' : 'postgres';
  const isAsked =
    Object.values(files).some(Boolean) || sslNegotiation === 'direct' || /^(true|1|no-verify)$/.test(flag ?? '');
  const mode = parameter('sslmode') ?? (flag === 'no-verify' ? 'no-verify' : isAsked ? 'verify-full' : 'disable');
  if (!MODES.includes(mode)) refuse(`sslmode to be one of ${MODES.join(', ')}`, `not "${mode}"`);
  if (mode === 'disable') return { ssl: false, sslNegotiation: 'postgres' };
  const isLibpq = parameter('uselibpqcompat') === 'true';
  const isUnverified = mode === 'no-verify' || (isLibpq && (mode === 'prefer' || (mode === 'require' && !files.ca)));
  const isNameFree = isLibpq && !isUnverified && (mode === 'verify-ca' || mode === 'require');
  const material = {
    ...(files.ca !== undefined && files.ca !== 'system' && { ca: contentOf('sslrootcert', files.ca) }),
    ...(files.cert !== undefined && { cert: contentOf('sslcert', files.cert) }),
    ...(files.key !== undefined && { key: contentOf('sslkey', files.key) }),
  };
  requirePem(material);
  return {
    ssl: {
      ...material,
      ...(isUnverified && { rejectUnauthorized: false }),
      ...(isNameFree && { checkServerIdentity: () => undefined }),
    },
    sslNegotiation,
  };
}

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

function contentOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${name}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function requirePem(material: SecureContextOptions): void {
  try {
    createSecureContext(material);
  } catch (error) {
    refuse('sslcert and sslkey to be a certificate and its key in PEM', (error as Error).message);
  }
}
