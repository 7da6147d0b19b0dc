/**
 * Prepares the answers about the changes that come next for a subscriber, while it is given those before. What an answer shows
 * is read from PostgreSQL in some round trips. So the answers about a page of changes are made together, and further pages are
 * begun before they are needed.
 *
 * The changes stay with their source. An answer hangs on its change (shared-answers.ts): when the source lets go of a change,
 * because its subscriber has stopped reading, the answer goes with it.
 */
import type { ExecutionResult } from 'graphql';
import type { Answer, AnswerAll, SharedAnswers } from './shared-answers.ts';
import type { WideStream, WideStreams } from './wide-streams.ts';

/** The most changes that are answered together. */
const PAGE_CHANGES = 64;
/** How many changes ahead of its subscriber a stream has answered or is answering, until it proves to need more. */
const NARROW_CHANGES = 16;
const MOST_CHANGES = 1_024;
/** The most memory that the answers ahead of one subscriber take, in bytes. Four times as much made no reader faster. */
const MOST_BYTES = 256 * 1024;

type Options = {
  /** The changes that the source gives next, as far as it knows them. */
  readonly upcoming: () => readonly unknown[];
  readonly shared: SharedAnswers;
  readonly question: string;
  readonly answerAll: AnswerAll;
  /** Hears how many answers were begun. */
  readonly spend: (answers: number) => void;
  readonly wide: WideStreams;
};

export class LookAhead implements WideStream {
  readonly #options: Options;
  /** Changes ahead of the subscriber for which answers may be there or under way. */
  #window = NARROW_CHANGES;
  /** Upcoming changes whose answers were begun. */
  #begun = 0;
  /** What an answer takes, by the last ones. */
  #bytesEach = MOST_BYTES / NARROW_CHANGES;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The answer about the change that the source has just given. */
  answer(change: unknown): Answer {
    const { shared, question, upcoming } = this.#options;
    const next = upcoming();
    this.#begun = Math.min(Math.max(0, this.#begun - 1), next.length);
    let answer = shared.find(change, question);
    if (!(answer === undefined || answer instanceof Promise)) {
      this.#prepare(next);
      return answer;
    }
    this.#widen();
    if (!answer) {
      this.#begun = Math.min(next.length, this.#limit() - 1, PAGE_CHANGES - 1);
      this.#begin([change, ...next.slice(0, this.#begun)]);
      answer = shared.find(change, question)!;
    }
    this.#prepare(next);
    return answer;
  }

  narrow(): void {
    this.#window = NARROW_CHANGES;
  }

  /** The subscriber waits for an answer: more of them at a time would have been better. */
  #widen(): void {
    if (this.#options.upcoming().length < this.#window) return;
    if (this.#options.wide.use(this)) this.#window = Math.min(2 * this.#window, MOST_CHANGES);
  }

  /** Begins further answers, a page at a time. */
  #prepare(next: readonly unknown[]): void {
    const limit = this.#limit();
    const page = Math.max(1, Math.min(PAGE_CHANGES, limit >> 1));
    while (this.#begun + page <= limit && this.#begun < next.length) {
      const changes = next.slice(this.#begun, this.#begun + page);
      this.#begun += changes.length;
      this.#begin(changes);
    }
  }

  #begin(changes: readonly unknown[]): void {
    const { shared, question, answerAll, spend } = this.#options;
    spend(shared.prepare(changes, question, (asked) => this.#weighed(answerAll(asked))));
  }

  #limit(): number {
    return Math.max(1, Math.min(this.#window, Math.floor(MOST_BYTES / this.#bytesEach)));
  }

  #weighed(answers: ReturnType<AnswerAll>): ReturnType<AnswerAll> {
    if (answers instanceof Promise) return answers.then((all) => this.#weigh(all));
    return this.#weigh(answers);
  }

  #weigh(answers: readonly ExecutionResult[]): readonly ExecutionResult[] {
    this.#bytesEach = answers.reduce((sum, { data }) => sum + bytesOf(data), 0) / answers.length;
    return answers;
  }
}

/** Bytes of an object without its strings, and of each of its fields. */
const OBJECT_BYTES = 100;
const FIELD_BYTES = 40;

/** About what a value takes in memory. Strings count by their length, also those that several values share. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return FIELD_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return FIELD_BYTES;
  let bytes = OBJECT_BYTES;
  for (const key in value) bytes += bytesOf((value as Record<string, unknown>)[key]);
  return bytes;
}
