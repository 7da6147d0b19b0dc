/** The settings of commands that talk to a service over its API, wherever it runs. The service reads none of them. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../../config.ts';
import { UsageError } from '../command.ts';

export type ClientSettings = {
  /** Of `/graphql`. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** The id or external id of the organization to act in; undefined: that of the API key. */
  readonly organization: string | undefined;
  /** The folder with the file of `hookcast login`, and the keys and places of `hookcast listen`. */
  readonly home: string;
};

const isSet = (text: string | undefined): text is string => text !== undefined && text.trim() !== '';

/** Throws a UsageError when HOOKCAST_URL is not a URL. An empty setting counts as unset. */
export function readClientSettings(environment: Environment): ClientSettings {
  const read = (name: string): string | undefined => {
    const text = environment[name];
    return isSet(text) ? text.trim() : undefined;
  };
  const url = read('HOOKCAST_URL');
  return {
    url: url && toServiceUrl('HOOKCAST_URL', url),
    apiKey: read('HOOKCAST_API_KEY'),
    organization: read('HOOKCAST_ORGANIZATION'),
    home: resolve(read('HOOKCAST_HOME') ?? join(homedir(), '.hookcast')),
  };
}

/** The URL of the API. A URL without a path means `/graphql` there. `name`: what it was given as. */
export function toServiceUrl(name: string, text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new UsageError(`${name}: expected a URL such as https://hooks.example.com, got ${JSON.stringify(text)}`);
  }
  if (url.pathname === '/') url.pathname = '/graphql';
  url.hash = '';
  return url.href;
}
