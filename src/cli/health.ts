import { loadConfig, type Config } from '../config.ts';
import { CommandError, readArguments, type Command } from './command.ts';

const TIMEOUT_MS = 3_000;

export const healthCommand: Command = {
  summary: 'ask the running service whether it is ready',
  help: `Usage: hookcast health [--alive]

Asks the service that runs on this machine with these settings whether it can do its work: its /readyz, on ADMIN_PORT
where that is set, else on PORT. It is the HEALTHCHECK of the image.

Options:
  --alive    ask only whether the process answers at all (/healthz)

Output: { "url", "status": "ready", "ok" or "not ready", "missing": [what it lacks] }
Exit code 1 when it is not ready, or does not answer within ${TIMEOUT_MS / 1_000} s.

Example:
  hookcast health`,
  async run(args) {
    const { values } = readArguments(args, { options: { alive: { type: 'boolean', default: false } } });
    const url = `${originOf(loadConfig())}/${values.alive ? 'healthz' : 'readyz'}`;
    const { status, missing } = await ask(url);
    const failures = missing.length > 0 ? [`${url}: ${status}, because of: ${missing.join(', ')}`] : [];
    return { result: { url, status, missing }, failures };
  },
};

/** Where a process of this machine reaches the probes. */
function originOf({ host, port, adminPort }: Config): string {
  const reached = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${adminPort ?? port}`;
}

type Health = { readonly status: string; readonly missing: readonly string[] };

async function ask(url: string): Promise<Health> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, missing = [] } = (await response.json()) as Partial<Health>;
    if (status !== undefined) return { status, missing };
  } catch (cause) {
    throw new CommandError(`${url} does not answer: start the service, or correct HOST, PORT and ADMIN_PORT`, {
      cause,
    });
  }
  throw new CommandError(`${url} answers, but is no Hookcast: correct HOST, PORT and ADMIN_PORT`);
}
