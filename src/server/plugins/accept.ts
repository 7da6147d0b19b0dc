/** Whether a client takes any of our kinds of answer. Judged first: no mutation may run for an answer that nobody takes. */
import { quote } from '../../domain/text.ts';
import { httpError } from '../http-error.ts';
import type { ServerPlugin } from '../request-record.ts';

export const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';
export const EVENTS = 'text/event-stream';
const ANSWERS = [GRAPHQL_TYPE, JSON_TYPE, EVENTS];

/** What the client takes, as the end of a sentence. */
export const acceptedText = (accept: string | undefined): string =>
  accept === undefined ? 'got no Accept header' : `got ${quote(accept)}`;

/**
 * The media type of an answer that is no stream, for an Accept that allows one of ours: of the two in JSON the first that the
 * client names, application/json where it does not care, and events only where it takes no JSON.
 */
export function answerTypeOf(accept: string | undefined): string {
  for (const range of rangesOf(accept)) {
    const type = [JSON_TYPE, GRAPHQL_TYPE].find((answer) => matches(range, answer));
    if (type) return type;
  }
  return EVENTS;
}

const acceptsAnswers = (accept: string | undefined): boolean =>
  rangesOf(accept).some((range) => ANSWERS.some((answer) => matches(range, answer)));

/** The media ranges of the header that allow UTF-8, in its order. Weights are not read, as Yoga does not read them. */
const rangesOf = (accept: string | undefined): string[] =>
  (accept || '*/*')
    .toLowerCase()
    .split(',')
    .map((item) => item.replaceAll(/[ \t]/g, '').split(';'))
    .filter(([, ...parameters]) =>
      parameters.every((parameter) => !parameter.includes('charset=') || parameter === 'charset=utf-8'),
    )
    .map(([range = '']) => range);

function matches(range: string, type: string): boolean {
  const [wanted, found] = [range.split('/'), type.split('/')];
  return [0, 1].every((part) => wanted[part] === '*' || wanted[part] === found[part]);
}

/** Answers 406 in JSON, whatever the client takes: the 406 of Yoga has no content, so nobody learns from it. */
export function useAccept(): ServerPlugin {
  return {
    onRequest({ serverContext: { req, record }, fetchAPI, endResponse }) {
      const { accept } = req.headers;
      if (acceptsAnswers(accept)) return;
      const error = httpError(406, `Expected Accept to allow ${ANSWERS.join(', ')} or */*, ${acceptedText(accept)}.`);
      record.errorCodes.add(String(error.extensions['code']));
      record.errorCount++;
      const { message, extensions } = error;
      const body = { errors: [{ message, extensions: { code: extensions['code'] } }] };
      const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
      endResponse(new fetchAPI.Response(JSON.stringify(body), { status: 406, headers }));
    },
  };
}
