/** What a listener prints: one line for each request, on standard output. */
import { styleText } from 'node:util';
import type { Outcome } from './forward.ts';

export const OUTPUTS = ['pretty', 'json', 'quiet'] as const;
export type OutputForm = (typeof OUTPUTS)[number];

/** The line of a request; undefined: it gets none. Colours only on a terminal, and not when NO_COLOR is set. */
export type DescribeOutcome = (outcome: Outcome) => string | undefined;

export function createDescriber(form: OutputForm, stream: NodeJS.WriteStream): DescribeOutcome {
  const paint = (colour: 'green' | 'red' | 'dim', text: string): string => styleText(colour, text, { stream });
  const pretty: DescribeOutcome = ({ event, attempt, at, durationMs, status, failure }) => {
    const result = paint(failure === null ? 'green' : 'red', status === null ? 'failed' : String(status));
    const again = attempt > 1 ? ` (attempt ${attempt})` : '';
    const line = `${timeOf(at)} ${event.eventType}${again} → ${result} ${durationMs} ms  ${paint('dim', event.id)}`;
    return failure === null ? line : `${line}  ${failure}`;
  };
  const json: DescribeOutcome = ({ event, attempt, at, durationMs, status, failure }) =>
    JSON.stringify({ at, eventId: event.id, eventType: event.eventType, attempt, status, durationMs, failure });
  const quiet: DescribeOutcome = (outcome) => (outcome.failure === null ? undefined : pretty(outcome));
  return { pretty, json, quiet }[form];
}

/** The time of day here, as 14:32:15. */
const timeOf = (at: Date): string =>
  [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
