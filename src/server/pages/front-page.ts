/**
 * The answer to `GET /`: where GraphiQL and the documents are. A browser gets a page, a program that asks for JSON gets JSON,
 * and everything else gets plain text.
 */
import { createHash } from 'node:crypto';
import type { RouteHandler } from '../health.ts';
import { GRAPHQL_PATH } from '../yoga.ts';

type Entry = { readonly name: string; readonly at: string; readonly what: string };

const PATHS: readonly Entry[] = [
  { name: 'GraphiQL', at: GRAPHQL_PATH, what: 'the API, in a browser: it asks for your API key' },
  { name: 'Public keys', at: '/.well-known/jwks.json', what: 'the keys that sign requests to targets' },
  { name: 'Readiness', at: '/readyz', what: 'whether this process can take requests, and what it lacks' },
];

/** Files of the repository that the service runs from; test/server/pages/front-page.test.ts finds each. */
const DOCUMENTS: readonly Entry[] = [
  { name: 'Start here', at: 'README.md', what: 'what Hookcast is, what it guarantees, and a first delivery' },
  { name: 'Clients of the API', at: 'src/schema/README.md', what: 'keys, lists, streams, limits, and every error' },
  { name: 'Receivers', at: 'src/verify/README.md', what: 'verify a webhook, with receivers to copy' },
  { name: 'Front ends', at: 'src/client/README.md', what: 'streams and live lists in a page, by @hookcast/client' },
  { name: 'Operators', at: 'src/app/README.md', what: 'settings, PostgreSQL, deploying, alerts, runbook' },
  { name: 'The schema', at: 'schema.graphql', what: 'every type and field, with its description' },
];

const SUMMARY = 'Hookcast sends events to webhook targets. This is its GraphQL API.';

const STYLE = `
  :root { color-scheme: light dark; --page: #fff; --text: #1c2330; --soft: #566072; --line: #d9dee7; --link: #0b57b8; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #14181f; --text: #e6eaf1; --soft: #a3adbd; --line: #333b48; --link: #8ab8ff; }
  }
  body { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem; background: var(--page); color: var(--text);
    font: 1rem/1.5 system-ui, sans-serif; }
  h1 { margin: 0; font-size: 1.75rem; } h2 { margin: 2rem 0 .25rem; font-size: 1.125rem; }
  p { margin: .25rem 0; color: var(--soft); }
  dl { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; margin: 0; }
  dt, dd { margin: 0; padding: .5rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
  dd span { display: block; color: var(--soft); }
  a { color: var(--link); } code { font: .9375em ui-monospace, monospace; }
  @media (max-width: 34rem) {
    dl { grid-template-columns: 1fr; } dd { padding-top: 0; border-top: 0; } dt { padding-bottom: 0; font-weight: 600; }
  }
`;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:', // The empty icon: without it browsers ask for /favicon.ico.
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const listHtml = (entries: readonly Entry[], place: (at: string) => string): string =>
  entries.map(({ name, at, what }) => `<dt>${name}</dt><dd>${place(at)}<span>${what}</span></dd>`).join('\n      ');

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Hookcast</title>
    <link rel="icon" href="data:," />
    <style>${STYLE}</style>
  </head>
  <body>
    <h1>Hookcast</h1>
    <p>${SUMMARY}</p>
    <h2>On this host</h2>
    <dl>
      ${listHtml(PATHS, (at) => `<a href="${at}">${at}</a>`)}
    </dl>
    <h2>Documents</h2>
    <p>They are files of the repository that this service runs from.</p>
    <dl>
      ${listHtml(DOCUMENTS, (at) => `<code>${at}</code>`)}
    </dl>
  </body>
</html>
`;

const listText = (entries: readonly Entry[]): string =>
  entries.map(({ at, what }) => `  ${at.padEnd(24)}${what}`).join('\n');

const TEXT = `${SUMMARY}

On this host:
${listText(PATHS)}

Documents, in the repository that this service runs from:
${listText(DOCUMENTS)}
`;

const JSON_TEXT = JSON.stringify({ summary: SUMMARY, paths: PATHS, documents: DOCUMENTS });

const FORMS = {
  html: { type: 'text/html; charset=utf-8', body: HTML },
  json: { type: 'application/json', body: JSON_TEXT },
  text: { type: 'text/plain; charset=utf-8', body: TEXT },
} as const;

/** Browsers name text/html first. A program that accepts anything gets the text. */
function formFor(accept: string): (typeof FORMS)[keyof typeof FORMS] {
  if (/\btext\/html\b/.test(accept)) return FORMS.html;
  return /\bapplication\/json\b/.test(accept) ? FORMS.json : FORMS.text;
}

export const frontPage: RouteHandler = ({ headers: { accept = '' } }, response) => {
  const { type, body } = formFor(accept);
  response
    .writeHead(200, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
      Vary: 'Accept',
    })
    .end(body);
};
