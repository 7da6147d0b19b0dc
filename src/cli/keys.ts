import { loadConfig, type Config } from '../config.ts';
import { API_SCOPES, type ApiScope } from '../domain/api-keys/scope.ts';
import {
  asCommand,
  durationMs,
  parseTime,
  readArguments,
  readOption,
  refusal,
  UsageError,
  wholeNumber,
  type Command,
} from './command.ts';

const TEN_YEARS_MS = 3_653 * 86_400_000;

/** The option that sets a field of the input. */
const OPTION_OF = {
  name: '--name',
  organizationId: '--organization',
  scopes: '--scopes',
  rateLimitPerMinute: '--rate-limit',
  expiresAt: '--expires',
  publicKey: '--public-key',
  id: 'ID',
};

export const createKey: Command = {
  summary: 'make an API key; its text is shown this once',
  help: `Usage: hookcast keys create --scopes SCOPES [options]

Makes an API key. Its text stands in the output and nowhere else: it cannot be read again. The command needs no other
key, so it can replace a lost PLATFORM_ADMIN key. An organization has at most MAX_API_KEYS keys that are neither
revoked nor expired.

Options:
  --scopes SCOPES         ${API_SCOPES.slice(0, 4).join(', ')},
                          ${API_SCOPES.slice(4, 7).join(', ')},
                          ${API_SCOPES.slice(7).join(', ')}; separated by commas
  --name NAME             at most 128 characters; default "CLI"
  --organization ID       the organization of the key, by its id or its external id; default: the first one
  --rate-limit N          requests per minute; default: RATE_LIMIT_PER_MINUTE
  --expires WHEN          a time such as 2027-01-31T00:00:00Z, or a duration from now, such as 90d; default: never
  --public-key HEX        64 hex characters, Ed25519: mutations made with the key must then be signed

Output: { "id", "key", "organizationId", "name", "scopes", "rateLimitPerMinute", "publicKey", "createdAt", "expiresAt" }

Examples:
  hookcast keys create --scopes PLATFORM_ADMIN --name "on call"
  hookcast keys create --scopes EVENTS_PUBLISH --expires 90d | jq -r .key
  hookcast keys create --scopes EVENTS_READ --organization acct_7`,
  async run(args, say) {
    const { values } = readArguments(args, {
      options: {
        name: { type: 'string', default: 'CLI' },
        organization: { type: 'string' },
        scopes: { type: 'string' },
        'rate-limit': { type: 'string' },
        expires: { type: 'string' },
        'public-key': { type: 'string' },
      },
    });
    const scopes = readOption('scopes', values.scopes, parseScopes);
    if (!scopes) throw new UsageError(`--scopes: expected some of ${API_SCOPES.join(', ')}`);
    const rateLimitPerMinute = readOption('rate-limit', values['rate-limit'], wholeNumber);
    const expires = readOption('expires', values.expires, parseExpiry);
    const { withTools } = await import('../app/tools.ts');
    const { createOperatorKeys } = await import('../manage/operator-keys.ts');
    const config = loadConfig();
    return withTools(
      config,
      async (tools) => {
        const input = {
          name: values.name,
          scopes,
          rateLimitPerMinute,
          publicKey: values['public-key'],
          organizationId: values.organization,
          expiresAt: expires?.(tools.clock.now()),
        };
        const keys = createOperatorKeys({ ...tools, ...limitsOf(config) });
        const created = await keys.create(asCommand('keys create'), input);
        if (!created.ok) throw refusal(created.userErrors, OPTION_OF);
        say('Store the key now: it is shown this once.');
        return { result: created.value };
      },
      say,
    );
  },
};

export const listKeys: Command = {
  summary: 'list API keys',
  help: `Usage: hookcast keys list [--organization ID]

Lists the API keys of all organizations, newest first, also revoked and expired ones. A key's text is never shown.

Options:
  --organization ID   only the keys of this organization, by its id or its external id

Output: [{ "id", "prefix", "organizationId", "name", "scopes", "rateLimitPerMinute", "publicKey", "createdAt",
           "expiresAt", "lastUsedAt", "revokedAt" }]

Example:
  hookcast keys list | jq -r '.[] | select(.revokedAt == null) | .id + " " + .name'`,
  async run(args) {
    const { values } = readArguments(args, { options: { organization: { type: 'string' } } });
    const { withTools } = await import('../app/tools.ts');
    const { createOperatorKeys } = await import('../manage/operator-keys.ts');
    const config = loadConfig();
    return withTools(config, async (tools) => {
      const keys = createOperatorKeys({ ...tools, ...limitsOf(config) });
      const listed = await keys.list(values.organization);
      if (!listed.ok) throw refusal(listed.userErrors, { id: '--organization' });
      return { result: listed.value };
    });
  },
};

export const revokeKey: Command = {
  summary: 'end an API key for good',
  help: `Usage: hookcast keys revoke ID

Revokes an API key; revoking twice is fine. A running service refuses it within 5 seconds, and ends its live streams.

Output: { "id" }

Example:
  hookcast keys revoke 31TgvvT3Gk9Xb0Zc4r8hQm2LwPe`,
  async run(args, say) {
    const { positionals } = readArguments(args, { positionals: ['ID of a key; `hookcast keys list` shows them'] });
    const { withTools } = await import('../app/tools.ts');
    const { createOperatorKeys } = await import('../manage/operator-keys.ts');
    const config = loadConfig();
    return withTools(
      config,
      async (tools) => {
        const keys = createOperatorKeys({ ...tools, ...limitsOf(config) });
        const revoked = await keys.revoke(asCommand('keys revoke'), positionals[0]!);
        if (!revoked.ok) throw refusal(revoked.userErrors, OPTION_OF);
        return { result: { id: revoked.value.apiKeyId } };
      },
      say,
    );
  },
};

const limitsOf = ({ rateLimitPerMinute, maxApiKeys }: Config) => ({ rateLimitPerMinute, maxApiKeys });

function parseScopes(text: string): ApiScope[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !API_SCOPES.some((scope) => scope === name));
  if (unknown.length === 0) return names as ApiScope[];
  throw new Error(`expected some of ${API_SCOPES.join(', ')}, separated by commas, got ${JSON.stringify(text)}`);
}

/** Returns a function of the present time: a duration counts from it. */
function parseExpiry(text: string): (now: Date) => Date {
  if (/^\d+[a-z]+$/.test(text)) {
    const ms = durationMs(TEN_YEARS_MS)(text);
    return (now) => new Date(now.getTime() + ms);
  }
  const time = parseTime(text);
  if (time) return () => time;
  const examples = 'a time such as 2027-01-31T00:00:00Z, or a duration such as 90d';
  throw new Error(`expected ${examples}, got ${JSON.stringify(text)}`);
}
