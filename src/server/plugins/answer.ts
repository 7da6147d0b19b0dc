/**
 * Answers in JSON, compressed where that saves more than it costs. Events are written by streams/event-stream.ts, and are never
 * compressed: a coding keeps them back.
 *
 * Compressed secrets can be guessed by their length when an attacker makes a browser send requests with them (BREACH). Here no
 * browser does: API keys are no cookies.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { isAsyncIterable, processRegularResult } from 'graphql-yoga';
import type { ServerPlugin } from '../request-record.ts';
import { answerTypeOf, EVENTS } from './accept.ts';

/** Shorter answers fit into one packet anyway, and each compression is a job for the thread pool. */
const COMPRESSED_BYTES = 1_024;

const codings = { br: promisify(brotliCompress), gzip: promisify(gzip) };
type Coding = keyof typeof codings;

/** About as fast as gzip, and smaller. The default of Brotli, 11, takes a hundred times as long. */
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
};

export function useAnswer(): ServerPlugin {
  return {
    onResultProcess({ result, serverContext: { req, res }, setResultProcessor }) {
      const type = answerTypeOf(req.headers.accept);
      if (isAsyncIterable(result) || type === EVENTS) return;
      setResultProcessor(async (processed, fetchAPI) => {
        const answer = processRegularResult(processed as never, fetchAPI, type);
        const text = await answer.text();
        if (text.length < COMPRESSED_BYTES) return answer;
        res.appendHeader('Vary', 'Accept-Encoding');
        const coding = chooseCoding(req.headers['accept-encoding']);
        if (coding === null) return answer;
        const body = await (coding === 'br' ? codings.br(text, BROTLI) : codings.gzip(text));
        const headers = new fetchAPI.Headers(answer.headers);
        headers.set('Content-Encoding', coding);
        headers.set('Content-Length', String(body.length));
        return new fetchAPI.Response(body, { status: answer.status, headers });
      }, type);
    },
  };
}

/** The coding that weighs most in Accept-Encoding, br before gzip; null where it allows neither (RFC 9110, 12.5.3). */
export function chooseCoding(acceptEncoding: string | string[] | undefined): Coding | null {
  const weights = new Map<string, number>();
  for (const item of String(acceptEncoding ?? '')
    .toLowerCase()
    .split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (coding: Coding): number => weights.get(coding) ?? weights.get('*') ?? 0;
  const [br, zipped] = [weightOf('br'), weightOf('gzip')];
  if (br <= 0 && zipped <= 0) return null;
  return br >= zipped ? 'br' : 'gzip';
}
