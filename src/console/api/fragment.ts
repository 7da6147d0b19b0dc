/**
 * What the fragment of the address brings: a token, or an API key. No server sees a fragment, and what is secret in it leaves the
 * address and the history at once.
 */

/** What a key may look like: every API key, and the token of every portal session. */
export const isKey = (text: unknown): text is string => typeof text === 'string' && /^[\x21-\x7e]{32,255}$/.test(text);

/** The text of the fragment `#<name>=…`, which may be no key. Null: there is none. */
export function takeFromFragment(name: string): string | null {
  const text = new URLSearchParams(location.hash.slice(1)).get(name);
  if (text !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return text;
}
