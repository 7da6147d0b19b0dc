/**
 * HTTP request -> GraphQL parameters. A POST is JSON and says so: a web form or a plain-text request, which a browser
 * sends to any site without asking first, is refused. That, and mutations only by POST, is the defence against CSRF.
 */
import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import type { BodyBudget } from '../intake/body-budget.ts';
import { type IntakeTiming, noRoom, readBody } from '../intake/read-body.ts';
import { quote } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';
import { readJsonObject } from '../intake/read-json.ts';
import { httpError } from '../http-error.ts';
import type { RequestRecord, ServerPlugin } from '../request-record.ts';

const JSON_TYPE = /^application\/(json|graphql-response\+json)[ \t]*(;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;

/** Of a request, beyond which its document is kept apart from it. */
const LARGE_CHARACTERS = 16_384;

type Options = { readonly bodyBudget: BodyBudget; readonly timing: IntakeTiming };

export function useParseRequest({ bodyBudget, timing }: Options): ServerPlugin {
  return {
    onRequestParse({ serverContext: { req: request, res: response, record }, setRequestParser }) {
      refuseCoding(request);
      if (request.method === 'GET') setRequestParser(async () => requireDocument(await parseUrl(request.url ?? '')));
      if (request.method !== 'POST') return;
      const contentType = request.headers['content-type'];
      if (!JSON_TYPE.test(contentType ?? '')) {
        const got = contentType === undefined ? 'none' : JSON.stringify(contentType);
        throw httpError(415, `Expected Content-Type: application/json, in UTF-8, got ${got}.`);
      }
      setRequestParser(async () => {
        const { caller } = record;
        const bytes = bodyBudget.open(caller?.organizationId ?? null);
        record.bodyBytes = bytes;
        const text = await readText({ request, response, caller, bytes, timing }, record);
        if ((await bytes.begin()) === false) throw noRoom(response);
        const params = (await readJsonObject('request body', text)) as GraphQLParams;
        if (text.length > LARGE_CHARACTERS && typeof params.query === 'string') params.query = ownCopy(params.query);
        return requireDocument(params);
      });
    },
  };
}

/**
 * Refuses a request without a document; batches are refused later. For a hash in place of the document, the message is that of
 * the protocol of persisted queries: the links of Apollo and urql then send the document, and no more hashes. No documents are
 * kept for hashes, because that would save little: answers are never cached, and a document is a small part of what a request
 * costs.
 */
function requireDocument(params: GraphQLParams): GraphQLParams {
  if (params.query != null || Array.isArray(params)) return params;
  if (params.extensions?.['persistedQuery'] == null) throw httpError(400, NO_DOCUMENT);
  throw new RequestError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
}

const NO_DOCUMENT =
  'Expected a GraphQL document as `query`, in the JSON body of a POST or among the parameters of a GET; got none. A browser ' +
  'finds GraphiQL at this address.';

/** A function of its own, so that the bytes are not in memory while the text is worked on. */
async function readText(body: Parameters<typeof readBody>[0], record: RequestRecord): Promise<string> {
  const bytes = await readBody(body);
  if (body.caller?.publicKey != null) record.body = bytes;
  return decode(bytes);
}

/** A part of a text keeps all of it in memory, and documents are kept for long. */
const ownCopy = (part: string): string => Buffer.from(part).toString();

/** Refuses encoded bodies: a few bytes can unpack to gigabytes. Nothing is unpacked, and no encoded body is read as JSON. */
function refuseCoding({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding === undefined) return;
  const message = `Expected a request without Content-Encoding, got ${quote(coding)}. Send the body as it is.`;
  throw httpError(415, message, { 'Accept-Encoding': 'identity' });
}

async function parseUrl(url: string): Promise<GraphQLParams> {
  const start = url.indexOf('?');
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const text = (name: string) => parameters.get(name) || undefined;
  const json = async (name: string) =>
    text(name) === undefined ? undefined : await readJsonObject(`parameter ${name}`, text(name)!);
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: await json('variables'),
    extensions: await json('extensions'),
  } as GraphQLParams;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Invalid UTF-8 is refused rather than repaired: a repaired payload is not what the client sent. */
function decode(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw httpError(400, 'Expected the request body to be UTF-8.');
  }
}
