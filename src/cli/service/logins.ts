/** What `hookcast login` remembers: one API key for each service, and which service was the last. */
import { join } from 'node:path';
import { CommandError } from '../command.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

type Login = { readonly apiKey: string; readonly organization?: string | undefined };

export type Logins = {
  /** The URL of the service of the last login; null before the first, and after its logout. */
  readonly current: string | null;
  readonly services: Readonly<Record<string, Login>>;
};

const NONE: Logins = { current: null, services: {} };

export const loginsPath = (home: string): string => join(home, 'login.json');

export function readLogins(home: string): Logins {
  const path = loginsPath(home);
  const text = readPrivateFile(path);
  if (text === undefined) return NONE;
  try {
    return { ...NONE, ...(JSON.parse(text) as Logins) };
  } catch {
    throw new CommandError(`${path}: expected JSON that \`hookcast login\` wrote. Remove the file, and log in again`);
  }
}

export function rememberLogin(home: string, url: string, login: Login): void {
  const { services } = readLogins(home);
  save(home, { current: url, services: { ...services, [url]: login } });
}

/** Returns whether there was a login. */
export function forgetLogin(home: string, url: string): boolean {
  const { current, services } = readLogins(home);
  const { [url]: login, ...others } = services;
  if (login) save(home, { current: current === url ? null : current, services: others });
  return login !== undefined;
}

const save = (home: string, logins: Logins): void =>
  writePrivateFile(loginsPath(home), `${JSON.stringify(logins, null, 2)}\n`);
