/**
 * GraphiQL as separate files. The package has it as one page of 9 MB. Split up, a browser fetches the scripts once, and the
 * page can forbid everything that does not come from this host.
 */
import { createHash } from 'node:crypto';
import type { GraphiQLOptions } from 'graphql-yoga';

export type GraphiqlFile = { readonly path: string; readonly type: string; readonly body: Buffer };

export type GraphiqlFiles = { readonly page: string; readonly files: readonly GraphiqlFile[] };

const SCRIPT = 'text/javascript; charset=utf-8';

/** `path` is where the files will be served; their names change with their content, so they may be cached for ever. */
export async function makeGraphiqlFiles(path: string, options: GraphiQLOptions): Promise<GraphiqlFiles> {
  const source = await import('@graphql-yoga/render-graphiql/graphiql');
  const file = (name: string, extension: string, type: string, text: string): GraphiqlFile => {
    const body = Buffer.from(text);
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
    return { path: `${path}/${name}.${hash}.${extension}`, type, body };
  };
  const workers = {
    editorWorkerService: file('editor-worker', 'js', SCRIPT, source.editorWorkerService),
    json: file('json-worker', 'js', SCRIPT, source.jsonWorker),
    graphql: file('graphql-worker', 'js', SCRIPT, source.graphqlWorker),
  };
  const style = file('graphiql', 'css', 'text/css; charset=utf-8', source.css);
  const script = file('graphiql', 'js', SCRIPT, source.js);
  const workerPaths = Object.fromEntries(Object.entries(workers).map(([label, { path }]) => [label, path]));
  const start = file('start', 'js', SCRIPT, startScript(workerPaths, options));
  const page = pageHtml({ title: options.title ?? 'GraphiQL', style: style.path, scripts: [script.path, start.path] });
  return { page, files: [...Object.values(workers), style, script, start] };
}

const startScript = (workerPaths: object, options: GraphiQLOptions): string => `
const workerPaths = ${JSON.stringify(workerPaths)};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_moduleId, label) => workerPaths[label] };
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), ${JSON.stringify(options)});
`;

type HtmlPage = { readonly title: string; readonly style: string; readonly scripts: readonly string[] };

const pageHtml = ({ title, style, scripts }: HtmlPage): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${style}" />
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    ${scripts.map((path) => `<script src="${path}"></script>`).join('\n    ')}
  </body>
</html>
`;
