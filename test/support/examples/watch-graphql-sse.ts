import { createClient } from 'graphql-sse';

const WATCH = `subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) { cursor status delivery { id } }
}`;
const FINAL = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT', 'CURSOR_EXPIRED'];

type Change = { cursor: string; status: string; delivery: { id: string } };
type Options = {
  url: string;
  apiKey: string;
  cursor: string;
  onChange(change: Change): void;
  /** Called once, when connecting again cannot help. With CURSOR_EXPIRED, load the list again. */
  onEnd(code: string): void;
};

/** Every change after `cursor`, once and in order, until the function that it returns is called. */
export function watch({ url, apiKey, cursor, onChange, onEnd }: Options): () => void {
  const client = createClient({
    url,
    headers: () => ({ 'x-api-key': apiKey, 'last-event-id': cursor }), // Asked for before each connection.
    retryAttempts: Infinity,
    retry: (failures) => delay(failures),
  });
  const delay = (failures: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.min(100 * 2 ** failures, 10_000) * (0.5 + Math.random())));
  let isOver = false;

  const open = () => {
    client.subscribe<{ deliveryStatusChanged: Change }>(
      { query: WATCH },
      {
        next({ data, errors }) {
          if (data) {
            cursor = data.deliveryStatusChanged.cursor;
            return onChange(data.deliveryStatusChanged);
          }
          const code = String(errors?.[0]?.extensions?.['code']);
          if (!FINAL.includes(code)) return; // The stream ends, and is opened again.
          isOver = true;
          onEnd(code);
        },
        error: () => void delay(1).then(() => isOver || open()),
        complete: () => void delay(1).then(() => isOver || open()),
      },
    );
  };
  open();
  return () => {
    isOver = true;
    client.dispose();
  };
}
