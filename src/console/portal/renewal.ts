/** Asks the site around the portal for a token, once at a time, and gives it a while to answer. */
import { askForToken } from './host.ts';

export type Renewal = {
  readonly isRunning: () => boolean;
  /** Resolves with whether a token was taken. */
  readonly ask: () => Promise<boolean>;
  /** To be called with the end: a token was taken. */
  readonly end: () => void;
};

const ANSWER_MS = 15_000;

export function createRenewal(onUnanswered: () => void): Renewal {
  let running: { readonly answer: PromiseWithResolvers<boolean>; readonly timer: number } | undefined;

  function settle(isRenewed: boolean): void {
    clearTimeout(running?.timer);
    running?.answer.resolve(isRenewed);
    running = undefined;
  }

  return {
    isRunning: () => running !== undefined,
    ask() {
      if (!running) {
        const giveUp = (): void => {
          settle(false);
          onUnanswered();
        };
        running = { answer: Promise.withResolvers(), timer: window.setTimeout(giveUp, ANSWER_MS) };
        askForToken();
      }
      return running.answer.promise;
    },
    end: () => settle(true),
  };
}
