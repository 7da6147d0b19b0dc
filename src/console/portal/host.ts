/**
 * The site that shows the portal in a frame. The portal asks it for a new token, and takes an answer from nobody else: the message
 * must come from the window around the frame, at an origin that the operator has listed (PORTAL_ORIGINS).
 *
 *   portal → site   { type: 'hookcast.token-wanted' }
 *   site → portal   { type: 'hookcast.token', token: 'hkp_…' }
 */
import { isKey } from '../api/fragment.ts';

const WANTED = 'hookcast.token-wanted';
const GIVEN = 'hookcast.token';

/** Written into the page by the service (server/pages/console.ts). */
const listedOrigins = (): string[] =>
  (document.querySelector<HTMLMetaElement>('meta[name="portal-origins"]')?.content ?? '').split(' ').filter(Boolean);

export const isFramed = (): boolean => window.parent !== window;

/** Holds nothing secret, so any window may read it. Only sites of PORTAL_ORIGINS can be around this one. */
export const askForToken = (): void => {
  if (isFramed()) window.parent.postMessage({ type: WANTED }, '*');
};

/** Calls `take` with each token that the site gives, asked for or not. Returns how to stop listening. */
export function onToken(take: (token: string) => void): () => void {
  const origins = listedOrigins();
  const listen = ({ source, origin, data }: MessageEvent): void => {
    if (source !== window.parent || !isFramed() || !origins.includes(origin)) return;
    const { type, token } = Object(data) as { readonly type?: unknown; readonly token?: unknown };
    if (type === GIVEN && isKey(token)) take(token);
  };
  window.addEventListener('message', listen);
  return () => window.removeEventListener('message', listen);
}
