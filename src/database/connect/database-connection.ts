/**
 * Every connection to PostgreSQL is a DatabaseConnection, whatever it is for. It goes to the host that takes writes, has the
 * session set up (session.ts) before its first statement, and stands on the same server as all others of the process.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import { parseDatabaseUrl, type DatabaseUrl, type Host } from './database-url.ts';
import { createPrimary, nameOf, noPrimary, type Primary } from './primary.ts';
import { SERVER_STATEMENTS, sessionStatements, UNLIMITED, type DatabaseServer, type Session } from './session.ts';

/** How to connect, and what is known of the server. All connections of a process share one connector. */
export type DatabaseConnector = {
  /** The URL that it was made from, for a thread that connects by itself. It holds a password: never show it. */
  readonly databaseUrl: string;
  readonly url: DatabaseUrl;
  readonly primary: Primary;
  /** Where the tables of Hookcast are, and where those of pg-boss are. */
  readonly schema: string;
  readonly queueSchema: string;
};

export type ConnectionOptions = {
  readonly connector: DatabaseConnector;
  /** Null sets nothing and accepts any server: for finding out who answers. */
  readonly session: Session | null;
  /** The name that pg_stat_activity shows, unless the URL has a name. Default: `hookcast`. */
  readonly applicationName?: string;
  readonly connectTimeoutMs?: number;
  /** A statement fails when the server has not answered it within this time. Default: no limit. */
  readonly answerTimeoutMs?: number;
  /** Statements sent together travel together. */
  readonly pipeline?: boolean;
  readonly stream?: () => Socket;
};

/** A server that vanished without a word is given up after this time. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** The search for the host must leave time to connect. */
const LOCATE_MS = 7_000;
const ASK_MS = 2_000;
const DEFAULT_QUEUE_SCHEMA = 'pgboss';

export function createDatabaseConnector(databaseUrl: string, queueSchema?: string): DatabaseConnector {
  const url = parseDatabaseUrl(databaseUrl);
  const { schema } = url;
  const primary = createPrimary(url, (host) => askHost(connector, host));
  const connector: DatabaseConnector = {
    databaseUrl,
    url,
    primary,
    schema,
    queueSchema: queueSchema ?? (schema === 'public' ? DEFAULT_QUEUE_SCHEMA : `${schema}_${DEFAULT_QUEUE_SCHEMA}`),
  };
  return connector;
}

export class DatabaseConnection extends pg.Client {
  readonly #options: ConnectionOptions;
  #server: DatabaseServer | undefined;

  constructor(options: ConnectionOptions) {
    super(settingsOf(options));
    this.#options = options;
    // Each waiting caller hears of the error with its answer. An error that nobody listens to would end the process.
    this.on('error', () => {});
  }

  /** The server that answers; undefined before the connection is there. */
  get server(): DatabaseServer | undefined {
    return this.#server;
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error | null) => void): void;
  override connect(callback?: (error: Error | null) => void): Promise<this> | void {
    const opening = this.#options.connector.primary.locate(LOCATE_MS).then((host) => this.open(host));
    if (!callback) return opening;
    opening.then(() => callback(null), callback);
  }

  /** Connects to this host, whatever the others are. Refuses a standby. */
  async open(host: Host): Promise<this> {
    const { connector, session } = this.#options;
    const { primary, schema } = connector;
    Object.assign(this, host);
    try {
      await super.connect();
      const asked = session ? sessionStatements(session, schema) : SERVER_STATEMENTS;
      // A message of two statements has two results, which the types of pg do not know.
      const [, { rows }] = (await super.query(asked)) as unknown as [unknown, pg.QueryResult<DatabaseServer>];
      const server = (this.#server = rows[0]!);
      if (!session) return this;
      if (server.isStandby) throw noPrimary(`${nameOf(host)} is a standby, which takes no writes: ${NAME_ALL}`);
      this.once(
        'end',
        primary.admit(server, () => this.breakOff()),
      );
    } catch (error) {
      primary.doubt(host);
      this.breakOff();
      throw Object.assign(error as Error, { whileConnecting: nameOf(host) }); // For the sentence that explains it.
    }
    this.on('error', () => primary.doubt(host)); // It broke: an end on purpose gives no error.
    if (!session.isReadOnly) this.#leaveStandby();
    return this;
  }

  /** Ends without a farewell: what is under way fails, and a pool opens another connection. */
  breakOff(): void {
    this.#socket.destroy();
  }

  get #socket(): Socket {
    return (this as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  /** Breaks connections to a primary that has become a standby: it keeps them, but they are of no use any more. */
  #leaveStandby(): void {
    const { connection } = this as unknown as { connection: NodeJS.EventEmitter };
    connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (code === READ_ONLY) setImmediate(() => this.breakOff());
    });
  }
}

const NAME_ALL = 'name the primary, or all hosts of the cluster';
const READ_ONLY = '25006';

function settingsOf({ connector, applicationName, ...options }: ConnectionOptions): pg.ClientConfig {
  const { user, password, database, ssl, sslNegotiation, options: theirs, applicationName: own } = connector.url;
  return {
    user,
    password,
    database,
    ssl,
    sslnegotiation: sslNegotiation,
    options: theirs,
    application_name: own ?? applicationName ?? 'hookcast',
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    query_timeout: options.answerTimeoutMs,
    pipeline: options.pipeline ?? false,
    keepAlive: true,
    stream: options.stream,
  } as pg.ClientConfig;
}

/** A pool of one connection, for work that runs once: its statements, transactions too, stay on one session. */
export function openSingle(connector: DatabaseConnector): pg.Pool {
  const pool = new pg.Pool({
    Client: DatabaseConnection as unknown as new () => pg.Client,
    connector,
    session: UNLIMITED,
    max: 1,
    idleTimeoutMillis: 0,
  } as pg.PoolConfig);
  pool.on('error', () => {}); // It also surfaces in the query that needs the connection.
  return pool;
}

/** Connects to a host for the moment, to see who it is. */
async function askHost(connector: DatabaseConnector, host: Host): Promise<DatabaseServer> {
  const connection = new DatabaseConnection({
    connector,
    session: null,
    connectTimeoutMs: ASK_MS,
    answerTimeoutMs: ASK_MS,
  });
  connection.on('error', () => {});
  try {
    await connection.open(host);
    return connection.server!;
  } finally {
    connection.end().catch(() => {}); // The end is on purpose, and nobody waits for it.
    connection.breakOff();
  }
}
