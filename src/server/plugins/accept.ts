/** Whether a client takes any of our kinds of answer. Judged first: no mutation may run for an answer that nobody takes. */
import { quote } from '../../domain/text.ts';
import { httpError } from '../http-error.ts';
import type { ServerPlugin } from '../request-record.ts';

const DOCUMENTS = ['application/graphql-response+json', 'application/json'];
const EVENTS = 'text/event-stream';
const ANSWERS = [...DOCUMENTS, EVENTS];

/** What the client takes, as the end of a sentence. */
export const acceptedText = (accept: string | undefined): string =>
  accept === undefined ? 'got no Accept header' : `got ${quote(accept)}`;

/** Whether the client reads events and nothing else: it never sees what comes in another form, or with another status than 200. */
export const takesOnlyEvents = (accept: string | undefined): boolean =>
  acceptsOneOf([EVENTS], accept) && !acceptsOneOf(DOCUMENTS, accept);

/** Reads the header as Yoga does: by media type, charset and wildcards; without weights. */
function acceptsOneOf(answers: readonly string[], accept: string | undefined): boolean {
  return (accept || '*/*')
    .toLowerCase()
    .split(',')
    .some((item) => {
      const [type = '', ...parameters] = item.replaceAll(/[ \t]/g, '').split(';');
      const charset = parameters.find((parameter) => parameter.includes('charset='));
      return (charset === undefined || charset === 'charset=utf-8') && answers.some((answer) => matches(type, answer));
    });
}

function matches(range: string, type: string): boolean {
  const [wanted, found] = [range.split('/'), type.split('/')];
  return [0, 1].every((part) => wanted[part] === '*' || wanted[part] === found[part]);
}

/** Answers 406 in JSON, whatever the client takes: the 406 of Yoga has no content, so nobody learns from it. */
export function useAccept(): ServerPlugin {
  return {
    onRequest({ serverContext: { req, record }, fetchAPI, endResponse }) {
      const { accept } = req.headers;
      if (acceptsOneOf(ANSWERS, accept)) return;
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
