/** A running service, and commands that talk to it as a developer elsewhere would: with a URL and an API key. */
import { runCli, type CliResult } from '../cli.ts';
import { createFolder } from '../processes/reaper.ts';
import { API_KEY, callApi, startService } from '../service.ts';

export type RemoteCli = Awaited<ReturnType<typeof createRemoteCli>>;

type RunOptions = { readonly environment?: NodeJS.ProcessEnv; readonly input?: string };

export async function createRemoteCli(settings: NodeJS.ProcessEnv = {}) {
  const service = await startService(settings);
  const folder = await createFolder('hookcast-home-');
  const cli = (words: readonly string[], { environment = {}, input }: RunOptions = {}): Promise<CliResult> => {
    const access = { HOOKCAST_URL: service.url, HOOKCAST_API_KEY: API_KEY, HOOKCAST_HOME: folder.path };
    return runCli(words, { environment: { ...access, ...environment }, ...(input !== undefined && { input }) });
  };
  return {
    service,
    home: folder.path,
    cli,
    /** Its result; throws what it says when it does not succeed. */
    async json(words: readonly string[], options: RunOptions = {}) {
      const { exitCode, stdout, stderr } = await cli(words, options);
      if (exitCode !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    },
    // What a test expects it says by comparing.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    api: (query: string, variables: object = {}): Promise<any> => callApi(service.url, query, variables),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
