/**
 * GraphiQL as separate files. The package has it as one page of 9 MB. Split up, a browser fetches the scripts once, and the
 * page can forbid everything that does not come from this host.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GRAPHIQL_STYLE, graphiqlHtml } from './graphiql-html.ts';

export type GraphiqlFile = { readonly path: string; readonly type: string; readonly body: Buffer };

export type GraphiqlFiles = { readonly page: string; readonly files: readonly GraphiqlFile[] };

type Options = {
  /** Where the files will be served. */
  readonly path: string;
  /** The path of the API. */
  readonly apiPath: string;
  /** Documents, each of which is a tab at first. */
  readonly examples: readonly string[];
};

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const PAGE_SCRIPT = new URL('./graphiql-page.js', import.meta.url);

/** The names of the files change with their content, so they may be cached for ever. */
export async function makeGraphiqlFiles({ path, apiPath, examples }: Options): Promise<GraphiqlFiles> {
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
  const styles = [file('graphiql', 'css', STYLE, source.css), file('page', 'css', STYLE, GRAPHIQL_STYLE)];
  const scripts = [
    file('graphiql', 'js', SCRIPT, source.js),
    file('page', 'js', SCRIPT, await readFile(PAGE_SCRIPT, 'utf8')),
  ];
  const workerPaths = Object.fromEntries(Object.entries(workers).map(([label, worker]) => [label, worker.path]));
  const page = graphiqlHtml({
    styles: styles.map((style) => style.path),
    scripts: scripts.map((script) => script.path),
    settings: { path: apiPath, workers: workerPaths, examples },
  });
  return { page, files: [...Object.values(workers), ...styles, ...scripts] };
}
