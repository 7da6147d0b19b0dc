import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { GraphiQLOptions } from 'graphql-yoga';
import { makeGraphiqlFiles } from './graphiql-files.ts';
import { type RouteHandler, sendJson } from '../health.ts';
import { GRAPHQL_PATH } from '../yoga.ts';

export type Graphiql = {
  /** Whether the request wants the page rather than an answer to a query. */
  wants(request: IncomingMessage): boolean;
  readonly page: RouteHandler;
  /** Serves the files of the page. */
  readonly file: RouteHandler;
};

export const GRAPHIQL_PATH = '/graphiql';

/** What the editor shows at first; valid on the product's schema (test/server/pages/graphiql.test.ts). */
export const DEFAULT_QUERY = `# Hookcast: watch deliveries live.
#
# 1. Put your API key between the quotes
#    in the Headers editor below, and
#    press Re-fetch GraphQL schema.
# 2. Run Watch: press the play button
#    and choose it from the menu.
# 3. In a second tab, run Publish. Each
#    delivery shows up as it happens.

# Sends one event to every target that
# is subscribed to its type.
mutation Publish {
  publishEvent(
    input: {
      eventType: "transaction.auto.updated"
      data: { transaction_id: "tx_1", status: "completed" }
    }
  ) {
    event {
      id
      body
    }
    deliveryCount
    userErrors {
      field
      message
      code
    }
  }
}

# The latest deliveries, each with what
# happened at every attempt.
query Deliveries {
  deliveries(first: 10) {
    nodes {
      id
      status
      attemptCount
      nextAttemptAt
      event {
        id
      }
      target {
        url
      }
      attempts(first: 10) {
        nodes {
          number
          outcome
          responseStatus
          error
          durationMs
        }
      }
    }
  }
}

# Every change of a delivery's status.
# Pass the last cursor you saw as
# \`after\` to resume where you were.
subscription Watch {
  deliveryStatusChanged {
    cursor
    occurredAt
    previousStatus
    status
    attempt {
      number
      outcome
      responseStatus
    }
    delivery {
      id
      target {
        url
      }
    }
  }
}
`;

/** Subscriptions go over SSE: over WebSocket, GraphiQL would not send what is in the Headers editor. */
const OPTIONS: GraphiQLOptions = {
  title: 'Hookcast',
  endpoint: GRAPHQL_PATH,
  subscriptionsProtocol: 'SSE',
  defaultQuery: DEFAULT_QUERY,
  headers: '{\n  "X-API-Key": ""\n}\n',
  defaultEditorToolsVisibility: 'headers',
};

/** The page may run only scripts of this host and talk only to this host. The editor writes style attributes. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Served = { readonly type: string; readonly body: Buffer; compressed?: Promise<Buffer> };

const compress = promisify(gzip);

/** The files are made at the first request for one: most processes never see a browser. */
export function createGraphiql(): Graphiql {
  let made: Promise<{ page: string; files: ReadonlyMap<string, Served> }> | undefined;
  const make = async () => {
    const { page, files } = await makeGraphiqlFiles(GRAPHIQL_PATH, OPTIONS);
    return { page, files: new Map<string, Served>(files.map(({ path, type, body }) => [path, { type, body }])) };
  };

  return {
    wants: ({ method, headers: { accept } }) => method === 'GET' && /\btext\/html\b/.test(accept ?? ''),

    async page(_request, response) {
      const { page } = await (made ??= make());
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'Referrer-Policy': 'no-referrer',
          'Cache-Control': 'no-cache',
          Vary: 'Accept',
        })
        .end(page);
    },

    async file(request, response) {
      const { files } = await (made ??= make());
      const file = files.get(request.url ?? '');
      if (!file) return sendJson(response, 404, { error: 'Not found' });
      await sendFile(request, response, file);
    },
  };
}

async function sendFile({ headers }: IncomingMessage, response: ServerResponse, file: Served): Promise<void> {
  const zipped = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  const body = zipped ? await (file.compressed ??= compress(file.body)) : file.body;
  response
    .writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': body.length,
      ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
    })
    .end(body);
}
