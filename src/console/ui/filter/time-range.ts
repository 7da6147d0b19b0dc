/** A range of time that somebody chose, as it stands in the address of a page. */

export const SPANS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Span = keyof typeof SPANS;

/** A span that ends now, or two moments; a text that is empty restricts nothing. */
export type TimeChoice = { readonly span: Span | ''; readonly from: string; readonly to: string };

export const ANY_TIME: TimeChoice = { span: '', from: '', to: '' };

export type MomentRange = { readonly gte?: string; readonly lt?: string };

/** What is not a time in the address is left out, as a person may have mistyped it. */
export function readTime(search: URLSearchParams): TimeChoice {
  const span = search.get('time') ?? '';
  return {
    span: span in SPANS ? (span as Span) : '',
    from: readMoment(search.get('from')),
    to: readMoment(search.get('to')),
  };
}

export const writeTime = ({ span, from, to }: TimeChoice): [string, string][] =>
  Object.entries({ time: span, from, to }).filter(([, value]) => value !== '');

export function rangeOf({ span, from, to }: TimeChoice, now: number): MomentRange | null {
  if (span !== '') return { gte: new Date(now - SPANS[span]).toISOString() };
  if (from === '' && to === '') return null;
  return { ...(from !== '' && { gte: from }), ...(to !== '' && { lt: to }) };
}

export function isWithin(range: MomentRange | null, at: string): boolean {
  const [moment, { gte, lt }] = [Date.parse(at), range ?? {}];
  return (gte === undefined || moment >= Date.parse(gte)) && (lt === undefined || moment < Date.parse(lt));
}

function readMoment(text: string | null): string {
  const moment = Date.parse(text ?? '');
  return Number.isNaN(moment) ? '' : new Date(moment).toISOString();
}

/** For an input of the type datetime-local: the moment in the zone of the reader. */
export function toLocalInput(moment: string): string {
  if (moment === '') return '';
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const fromLocalInput = (text: string): string => (text === '' ? '' : new Date(text).toISOString());
