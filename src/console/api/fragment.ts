/**
 * What the fragment of the address brings: a token, or an API key. No server sees a fragment, and what is secret in it leaves the
 * address and the history at once.
 */

/** What a key may look like: every API key, and the token of every portal session. */
export const isKey = (text: unknown): text is string => typeof text === 'string' && /^[\x21-\x7e]{32,255}$/.test(text);

/** The key of the fragment `#<name>=…`. Null: there is none. */
export function takeFromFragment(name: string): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get(name);
  if (key === null) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return isKey(key) ? key : null;
}
