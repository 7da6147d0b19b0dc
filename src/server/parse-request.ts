/**
 * HTTP request -> GraphQL parameters. A POST is JSON and says so: a web form or a plain-text request, which a browser
 * sends to any site without asking first, is refused. That, and mutations only by POST, is the defence against CSRF.
 */
import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { markInexact, surveyJson } from '../domain/json-text.ts';
import { quote } from '../domain/text.ts';
import { httpError } from './mask-errors.ts';
import type { ServerPlugin } from './request-record.ts';

const JSON_TYPE = /^application\/(json|graphql-response\+json)[ \t]*(;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;

export function useParseRequest({ bodyLimitBytes }: { readonly bodyLimitBytes: number }): ServerPlugin {
  return {
    onRequestParse({ serverContext: { req, record }, setRequestParser }) {
      refuseCoding(req);
      if (req.method === 'GET') setRequestParser(() => parseUrl(req.url ?? ''));
      if (req.method !== 'POST') return;
      const contentType = req.headers['content-type'];
      if (!JSON_TYPE.test(contentType ?? '')) {
        const got = contentType === undefined ? 'none' : JSON.stringify(contentType);
        throw httpError(415, `Expected Content-Type: application/json, in UTF-8, got ${got}.`);
      }
      setRequestParser(async () => {
        const body = await readBody(req, bodyLimitBytes);
        if (record.caller?.publicKey != null) record.body = body;
        return parseJson('request body', decode(body)) as GraphQLParams;
      });
    },
  };
}

/** A few bytes can unpack to gigabytes. So nothing is unpacked, and no body is taken for what it is not. */
function refuseCoding({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding === undefined) return;
  const message = `Expected a request without Content-Encoding, got ${quote(coding)}. Send the body as it is.`;
  throw httpError(415, message, { 'Accept-Encoding': 'identity' });
}

function parseUrl(url: string): GraphQLParams {
  const start = url.indexOf('?');
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const text = (name: string) => parameters.get(name) || undefined;
  const json = (name: string) => (text(name) === undefined ? undefined : parseJson(`parameter ${name}`, text(name)!));
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  } as GraphQLParams;
}

function parseJson(what: string, text: string): object {
  const { repeatedKey, isExact } = surveyJson(text);
  let value: unknown;
  try {
    value = JSON.parse(text, isExact ? undefined : markInexact);
  } catch (error) {
    throw httpError(400, `Expected the ${what} to be JSON: ${(error as Error).message}`);
  }
  if (repeatedKey !== null)
    throw httpError(400, `${EVERY_KEY_ONCE} in the ${what}, got a second ${quote(repeatedKey)}.`);
  if (typeof value === 'object' && value !== null) return value;
  throw httpError(400, `Expected the ${what} to be a JSON object, got ${value === null ? 'null' : typeof value}.`);
}

/** Which of two counts is up to each parser, so what one of them checked another may not have read. */
export const EVERY_KEY_ONCE = 'Expected every key of an object once';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Invalid UTF-8 is refused rather than repaired: a repaired payload is not what the client sent. */
function decode(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw httpError(400, 'Expected the request body to be UTF-8.');
  }
}

function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    httpError(413, `The request body is over the limit of ${limitBytes} bytes. Send less at once.`);
  if (Number(request.headers['content-length']) > limitBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limitBytes) {
        chunks.push(chunk);
      } else {
        // The rest is read and dropped, so that the client, still sending, gets to read the answer.
        chunks = [];
        reject(tooLarge());
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => {
      // It closes after every request; making an error for each would cost a tenth of a publish.
      if (!request.complete) reject(httpError(400, 'The connection ended before the request body was complete.'));
    });
    request.once('error', () => {}); // 'close' follows.
  });
}
