/** The kinds of values that settings have. Each is a function of the setting's text, and its error says what was expected. */
import { isIP } from 'node:net';
import { parseNetworks } from './targets/address.ts';
import { isApiKeyText } from './api-keys/api-key.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: HOUR_MS, d: DAY_MS } as const;

/** Turns a setting's text into its value, or throws with what was expected. */
export type Parse<T> = (text: string) => T;

export function expected(what: string, text?: string): never {
  throw new Error(text === undefined ? `expected ${what}` : `expected ${what}, got ${JSON.stringify(text)}`);
}

export const nonEmpty: Parse<string> = (text) => text;

export const integer =
  (least: number, most: number): Parse<number> =>
  (text) => {
    const value = Number(text);
    const inRange = /^\d+$/.test(text) && value >= least && value <= most;
    return inRange ? value : expected(`a whole number from ${least} to ${most}`, text);
  };

export const boolean: Parse<boolean> = (text) =>
  /^(true|false)$/.test(text) ? text === 'true' : expected('true or false', text);

export const oneOf =
  (choices: readonly string[]): Parse<string> =>
  (text) =>
    choices.includes(text) ? text : expected(`one of ${choices.join(', ')}`, text);

export const publicOrKey: Parse<'public' | 'key'> = (text) =>
  text === 'public' || text === 'key' ? text : expected('public or key', text);

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Throws an Error when the text is not a duration such as `20s`. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match) return expected('a duration such as 500ms, 20s, 5m, 2h or 30d', text);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

export const duration =
  (leastMs: number, mostMs: number): Parse<number> =>
  (text) => {
    const ms = parseDurationMs(text);
    return ms >= leastMs && ms <= mostMs ? ms : expected(`a duration from ${leastMs}ms to ${mostMs}ms`, text);
  };

export function durations(text: string): readonly number[] {
  const all = list(text).map(parseDurationMs);
  const usable = all.length > 0 && all.every((ms) => ms <= 30 * DAY_MS);
  return usable ? all : expected('at least one duration, each at most 30d', text);
}

export const postgresUrl: Parse<string> = (text) =>
  /^postgres(ql)?:\/\//.test(text) ? text : expected('a postgresql:// connection string');

/** The form in which PostgreSQL stores a name without quotes; pg-boss takes 50 characters. */
export const schemaName: Parse<string> = (text) =>
  /^(?!pg_)[a-z_][a-z0-9_]{0,49}$/.test(text)
    ? text
    : expected('1 to 50 lower-case letters, digits and underscores, without pg_ in front', text);

export const apiKey: Parse<string> = (text) =>
  isApiKeyText(text) ? text : expected('32 to 255 printable characters without spaces');

/** The brand is part of header names: RFC 9110 tokens, kept to letters, digits and hyphens, which everybody accepts. */
export const brand: Parse<string> = (text) =>
  /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text) ? text : expected('1 to 32 letters, digits or hyphens', text);

export const networks: Parse<string[]> = (text) => {
  const all = list(text);
  parseNetworks(all); // Throws on the first text that is not a network.
  return all;
};

export const ports: Parse<number[]> = (text) => {
  const all = list(text);
  const arePorts = all.length > 0 && all.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535);
  return arePorts ? all.map(Number) : expected('ports such as 443,8443', text);
};

/** The directory is part of a command line of pg_ctl, which has its own ideas of quoting. */
export const directory: Parse<string> = (text) =>
  /["$`\\]/.test(text) ? expected('a path without double quotes, dollar signs, backticks and backslashes', text) : text;

export const origins: Parse<string[]> = (text) => {
  const all = list(text);
  // Host names may hold `;` and quotes, as far as URLs go. Here they become part of a policy (server/pages/console.ts).
  const isOrigin = (origin: string) => /^https?:\/\/[\w.:[\]-]+$/.test(origin) && URL.parse(origin)?.origin === origin;
  return all.every(isOrigin) ? all : expected('origins such as https://console.example.com', text);
};

/** An origin without a path: the service answers at /graphql there. */
export const publicUrl: Parse<string> = (text) => {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : expected('an origin such as https://hooks.example.com, without a path', text);
};

export const hosts: Parse<string[]> = (text) => {
  const all = list(text);
  const isHost = (host: string) => /^[^/?#@\\]+$/.test(host) && URL.canParse(`https://${host}`);
  return all.every(isHost) ? all : expected('hosts such as hooks.example.com or localhost:8080', text);
};

/** What customers put into the rules of their firewalls: addresses, and networks as CIDRs. */
export const egressAddresses: Parse<string[]> = (text) => {
  const all = list(text);
  const isPlace = (place: string) => isIP(place) > 0 || parseNetworks([place]).length > 0; // Throws for any other text.
  return all.length > 0 && all.every(isPlace) ? all : expected('addresses such as 192.0.2.1,2001:db8::/48', text);
};
