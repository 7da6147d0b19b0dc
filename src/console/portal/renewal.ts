/** Asks the site around the portal for a token, once at a time, and gives it a while to answer. */
import { askForToken } from './host.ts';

export type Renewal = {
  readonly isRunning: () => boolean;
  readonly ask: () => void;
  /** To be called when a token was taken: nothing is waited for any more. */
  readonly end: () => void;
};

const ANSWER_MS = 15_000;

/** `onUnanswered`: no token was taken in that while. One that comes later is taken all the same. */
export function createRenewal(onUnanswered: () => void): Renewal {
  let timer: number | undefined;

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    isRunning: () => timer !== undefined,
    ask() {
      if (timer !== undefined) return;
      timer = window.setTimeout(() => {
        end();
        onUnanswered();
      }, ANSWER_MS);
      askForToken();
    },
    end,
  };
}
