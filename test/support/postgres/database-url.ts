/** Makes connection strings of one server from each other: the parameters behind the `?` stay. */

export type UrlParts = {
  readonly user: string;
  readonly password: string;
  /** `host:port`, or several of them with commas. */
  readonly hosts: string;
  readonly database: string;
  readonly parameters?: Readonly<Record<string, string>>;
};

export function databaseUrl({ user, password, hosts, database, parameters = {} }: UrlParts): string {
  const [name, secret] = [user, password].map(encodeURIComponent);
  return withParameters(`postgresql://${name}:${secret}@${hosts}/${database}`, parameters);
}

const URL_PARTS = /^(postgres(?:ql)?:\/\/[^/?#]*)\/([^?#]*)/;

/** The URL of another database on the same server. */
export const withDatabase = (url: string, database: string): string => url.replace(URL_PARTS, `$1/${database}`);

export const databaseOf = (url: string): string => URL_PARTS.exec(url)![2]!;

export const userOf = (url: string): string => decodeURIComponent(/^[^:]+:\/\/([^:@/]*)/.exec(url)![1]!);

export const passwordOf = (url: string): string => decodeURIComponent(/^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url)![1]!);

/** With further parameters, or others of the same name. A space is %20: in such a URL, a plus is a plus. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const [address, query = ''] = url.split('?');
  const all = new Map([...new URLSearchParams(query), ...Object.entries(parameters)]);
  const pairs = [...all].map((pair) => pair.map(encodeURIComponent).join('='));
  return pairs.length === 0 ? address! : `${address}?${pairs.join('&')}`;
}
