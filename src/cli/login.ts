import { processEnvironment } from '../config.ts';
import { readArguments, UsageError, type Command } from './command.ts';
import { ask } from './service/ask.ts';
import { readClientSettings } from './service/client-settings.ts';
import { forgetLogin, loginsPath, readLogins, rememberLogin } from './service/logins.ts';
import { readSecret } from './service/prompt.ts';
import { chooseUrl, SERVICE_OPTIONS } from './service/service-access.ts';

const VIEWER = '{ viewer { organization { id name } apiKey { name scopes expiresAt } } }';

type Viewer = {
  readonly organization: { readonly id: string; readonly name: string };
  readonly apiKey: { readonly name: string; readonly scopes: readonly string[]; readonly expiresAt: string | null };
};

export const loginCommand: Command = {
  summary: 'remember a service and an API key for the commands that talk to one',
  help: `Usage: hookcast login [--url URL] [--organization ID]

Asks for an API key, tries it, and remembers it for this service in a file that only you can read. Without a terminal
it reads the key from standard input. Commands without --url talk to the service of the last login.

Options:
  --url URL           where the service is; default: HOOKCAST_URL, else that of the last login, else
                      http://127.0.0.1:4000
  --api-key KEY       instead of asking. Other users of this machine can read the options of a process
  --organization ID   the organization to act in, by its id or external id; needs an API key with PLATFORM_ADMIN

Output: { "url", "organization": { "id", "name" }, "apiKey": { "name", "scopes", "expiresAt" }, "file" }

Examples:
  hookcast login --url https://hooks.example.com
  printenv HOOKCAST_API_KEY | hookcast login`,
  async run(args) {
    const { values } = readArguments(args, { options: SERVICE_OPTIONS });
    const settings = readClientSettings(processEnvironment());
    const url = chooseUrl(values, settings, readLogins(settings.home).current);
    const apiKey = values['api-key'] ?? (await readSecret(`API key for ${url}: `));
    if (apiKey === '') throw new UsageError('Expected an API key on standard input, got nothing.');
    const { organization } = values;
    const access = { url, getApiKey: () => apiKey, organizationId: organization, home: settings.home };
    const { viewer } = await ask<{ viewer: Viewer }>(access, { document: VIEWER });
    rememberLogin(settings.home, url, { apiKey, ...(organization !== undefined && { organization }) });
    return { result: { url, ...viewer, file: loginsPath(settings.home) } };
  },
};

export const logoutCommand: Command = {
  summary: 'forget the API key of a service',
  help: `Usage: hookcast logout [--url URL]

Forgets what \`hookcast login\` remembers of a service. The API key itself stays good: \`hookcast keys revoke\` ends it.

Options:
  --url URL   the service; default: HOOKCAST_URL, else that of the last login

Output: { "url", "wasLoggedIn" }

Example:
  hookcast logout`,
  async run(args) {
    const { values } = readArguments(args, { options: { url: SERVICE_OPTIONS.url } });
    const settings = readClientSettings(processEnvironment());
    const url = chooseUrl(values, settings, readLogins(settings.home).current);
    return { result: { url, wasLoggedIn: forgetLogin(settings.home, url) } };
  },
};
