type Session = { readonly url: string; readonly token: string };

/** In your page: `getSession` asks your server, which knows who has signed in, for a session of their organization. */
export async function showPortal(frame: HTMLIFrameElement, getSession: () => Promise<Session>): Promise<void> {
  const portal = new URL((await getSession()).url);
  portal.search = String(new URLSearchParams({ accent: '#6a1b9a', radius: '10', font: 'Inter', theme: 'light' }));
  window.addEventListener('message', async ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== portal.origin || data?.type !== 'hookcast.token-wanted') return;
    const { token } = await getSession();
    frame.contentWindow!.postMessage({ type: 'hookcast.token', token }, portal.origin);
  });
  frame.src = portal.href;
}
