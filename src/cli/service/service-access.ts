/** Where the service is, and as whom a command calls it. */
import type { ServiceAccess } from '../../client/index.ts';
import { processEnvironment } from '../../config.ts';
import { UsageError } from '../command.ts';
import { readClientSettings, toServiceUrl, type ClientSettings } from './client-settings.ts';
import { readLogins } from './logins.ts';

/** The options of every command that talks to a service, for parseArgs. */
export const SERVICE_OPTIONS = {
  url: { type: 'string' },
  'api-key': { type: 'string' },
  organization: { type: 'string' },
} as const;

/** The same for --help. */
export const SERVICE_HELP = `Service:
  --url URL           where the service is; default: HOOKCAST_URL, else that of the last \`hookcast login\`,
                      else http://127.0.0.1:4000
  --api-key KEY       default: HOOKCAST_API_KEY, else that of \`hookcast login\` for this URL. Other users of this
                      machine can read the options of a process: prefer the other two
  --organization ID   the organization to act in, by its id or external id; needs an API key with PLATFORM_ADMIN.
                      Default: HOOKCAST_ORGANIZATION, else that of \`hookcast login\` where its key is used, else that
                      of the API key`;

const LOCAL_URL = 'http://127.0.0.1:4000/graphql';

type Values = {
  readonly url?: string | undefined;
  readonly 'api-key'?: string | undefined;
  readonly organization?: string | undefined;
};

export type CommandAccess = ServiceAccess & { readonly home: string };

/** Throws a UsageError when no API key is known. */
export function readAccess(values: Values, settings = readClientSettings(processEnvironment())): CommandAccess {
  const logins = readLogins(settings.home);
  const url = chooseUrl(values, settings, logins.current);
  // The key of a login goes to the service that it was given for, and to no other.
  const login = logins.services[url];
  const givenKey = values['api-key'] ?? settings.apiKey;
  const apiKey = givenKey ?? login?.apiKey;
  if (apiKey === undefined) {
    throw new UsageError(
      `Expected an API key for ${url}, got none. Run \`hookcast login\`, set HOOKCAST_API_KEY, or add --api-key`,
    );
  }
  // The organization of a login goes with its key: another key may have no right to it, or mean its own.
  const remembered = givenKey === undefined ? login?.organization : undefined;
  const organizationId = values.organization ?? settings.organization ?? remembered;
  return { url, getApiKey: () => apiKey, ...(organizationId !== undefined && { organizationId }), home: settings.home };
}

/** The URL of the service, which an option names, else the environment, else the last login. */
export function chooseUrl({ url }: Values, settings: ClientSettings, current: string | null): string {
  return url === undefined ? (settings.url ?? current ?? LOCAL_URL) : toServiceUrl('--url', url);
}
