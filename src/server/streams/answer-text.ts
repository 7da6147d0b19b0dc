/**
 * The JSON of an answer, made once for all who are sent the same one (shared-answers.ts). It hangs on the answer, and goes with it.
 *
 * graphql-ws makes the text of each message itself, from an object. In the place of the answer it is given a stand-in, which
 * becomes a mark in that text; `fillIn` replaces the mark by the text of the answer.
 */
const TEXT = Symbol('text');

type Answer = object & { readonly [TEXT]?: string };

/** The answer has no errors, and does not change any more. */
export function answerText(answer: Answer): string {
  const known = answer[TEXT];
  if (known !== undefined) return known;
  const text = JSON.stringify(answer);
  Object.defineProperty(answer, TEXT, { value: text }); // Not enumerable: a copy with other data has a text of its own.
  return text;
}

const MARK = 'answer';
const MARKED_END = `"payload":"${MARK}"}`;

/** The text that the next message has in the place of its mark. A message is sent in the same step in which it is made. */
let awaited: string | undefined;

class StandIn {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  toJSON(): string {
    awaited = answerText(this.#answer);
    return MARK;
  }
}

/** What stands for the answer in a message that graphql-ws makes. */
export const standInFor = (answer: object): object => new StandIn(answer);

/** The message that is to be sent: the one that was made, with the answer in the place of its stand-in. */
export function fillIn(message: string): string {
  if (awaited === undefined || !message.endsWith(MARKED_END)) return message;
  const text = awaited;
  awaited = undefined;
  return `${message.slice(0, message.length - MARKED_END.length)}"payload":${text}}`;
}
