import { EventSource } from 'eventsource';

const WATCH = `subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) { status delivery { id } }
}`;
const FINAL = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT', 'CURSOR_EXPIRED'];

type Change = { status: string; delivery: { id: string } };
type Options = {
  url: string;
  apiKey: string;
  cursor: string;
  onChange(change: Change): void;
  /** Called once, when connecting again cannot help. With CURSOR_EXPIRED, load the list again. */
  onEnd(code: string): void;
};

/** Every change after `cursor`, once and in order, until the EventSource is closed. It resumes by itself. */
export function watch({ url, apiKey, cursor, onChange, onEnd }: Options): EventSource {
  const query = new URLSearchParams({ query: WATCH, variables: JSON.stringify({ after: cursor }) });
  const source = new EventSource(`${url}?${query}`, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, 'x-api-key': apiKey } }),
  });
  source.addEventListener('next', (event) => {
    const { data, errors } = JSON.parse(event.data);
    if (data) return onChange(data.deliveryStatusChanged);
    const { code } = errors[0].extensions;
    if (!FINAL.includes(code)) return; // The stream ends, and the EventSource comes back.
    source.close();
    onEnd(code);
  });
  return source;
}
