/** The page around GraphiQL: the bar with the API key and what to do. What it does is in graphiql-page.js. */

/** Colors as GraphiQL's own, which follow the system or the choice in its settings. */
export const GRAPHIQL_STYLE = `
  body { --page: #fff; --text: #1c2330; --soft: #566072; --line: #d9dee7; --button: #0b57b8;
    display: flex; flex-direction: column; height: 100vh; background: var(--page); color: var(--text);
    font: 14px/1.4 system-ui, sans-serif; color-scheme: light; }
  @media (prefers-color-scheme: dark) {
    body:not(.graphiql-light) { --page: #212a3b; --text: #e6eaf1; --soft: #b4bfd0; --line: #3b475c; --button: #8ab8ff;
      color-scheme: dark; }
  }
  body.graphiql-dark { --page: #212a3b; --text: #e6eaf1; --soft: #b4bfd0; --line: #3b475c; --button: #8ab8ff;
    color-scheme: dark; }
  header { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: center; padding: 8px 16px;
    border-bottom: 1px solid var(--line); }
  header form, header p { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; margin: 0; }
  header [hidden] { display: none; }
  header ol { display: flex; flex-wrap: wrap; gap: 0 16px; margin: 0; padding: 0; list-style-position: inside;
    color: var(--soft); }
  header input { width: 16em; padding: 4px 8px; border: 1px solid var(--soft); border-radius: 4px; background: var(--page);
    color: inherit; font: inherit; }
  header button { padding: 4px 10px; border: 1px solid var(--button); border-radius: 4px; background: none;
    color: var(--button); font: inherit; cursor: pointer; }
  #key-state { color: var(--soft); }
  #root { flex: 1; min-height: 0; }
  #root .graphiql-container { height: 100%; }
`;

type Page = { readonly styles: readonly string[]; readonly scripts: readonly string[]; readonly settings: object };

/** The settings are read by graphiql-page.js. In JSON only a text can hold "<", and \\u003c means the same. */
export const graphiqlHtml = ({ styles, scripts, settings }: Page): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Hookcast</title>
    <link rel="icon" href="data:," />
    ${styles.map((path) => `<link rel="stylesheet" href="${path}" />`).join('\n    ')}
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <header>
      <form id="key-form" hidden>
        <label for="key">API key</label>
        <input id="key" type="password" autocomplete="off" spellcheck="false" required />
        <button>Use this key</button>
      </form>
      <p id="key-kept" hidden>
        <span id="key-state">Your API key is kept until you close this browser tab.</span>
        <button id="forget" type="button">Forget it</button>
      </p>
      <ol>
        <li>Run Watch.</li>
        <li>Run Publish.</li>
        <li>Choose Watch again: it shows each delivery.</li>
      </ol>
    </header>
    <div id="root"></div>
    <script id="settings" type="application/json">${JSON.stringify(settings).replaceAll('<', '\\u003c')}</script>
    ${scripts.map((path) => `<script src="${path}"></script>`).join('\n    ')}
  </body>
</html>
`;
