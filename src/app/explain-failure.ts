/** What an operator reads when the service does not start, or a command fails. */

type Failure = NodeJS.ErrnoException & { readonly whileConnecting?: string };

/** The setting to look at, where a setting is at fault; otherwise the stack. */
export function explainFailure(error: Failure): string {
  const { name, code = '', message, stack = message, syscall, whileConnecting } = error;
  if (name === 'ConfigError') return message;
  if (code === '' && whileConnecting === undefined && NAMES_SETTING.test(message)) return message;
  if (name === 'UnfitDatabase') return `DATABASE_URL: ${message}`;
  if (syscall === 'listen') return `HOST, PORT, ADMIN_PORT: ${message}. ${LISTEN_CURES[code] ?? ''}`.trim();
  if (code === 'NO_PRIMARY' || code === 'WRONG_SERVER') return `DATABASE_URL: ${message}`;
  if (whileConnecting === undefined) return stack;
  const cure = CURES.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1] ?? '';
  return `DATABASE_URL: PostgreSQL cannot be used (${whileConnecting}): ${message || code}${cure && `. ${cure}`}`;
}

/** An error of ours that begins with the setting at fault says all that an operator needs. */
const NAMES_SETTING = /^[A-Z][A-Z_]*: /;

const LISTEN_CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another process listens there: stop it, or set another port',
  EADDRNOTAVAIL: 'This machine has no such address: correct HOST',
  EACCES: 'This account may not use that port: set one above 1023',
};

/** The cure for an error, found by its code and message. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|unable to get local issuer/i,
    'Its certificate is not signed by an authority that is known here: name the file with the authority as sslrootcert',
  ],
  [/ALTNAME/, 'Connect by a name that its certificate holds'],
  [/CERT_HAS_EXPIRED/, 'Renew the certificate of the server'],
  [/does not support SSL/, 'Turn TLS on there, or leave sslmode out where the way to it is safe'],
  [/^28000 .*(no encryption|SSL off)/i, 'The server asks for TLS: add sslmode=verify-full'],
  [/^28P01 |client password must be a string/, 'Check user and password'],
  // The message says whether it is the login or TLS, in the language of the server.
  [/^28000 /, 'Check user and password; if the server asks for TLS, add sslmode=verify-full'],
  [/^3D000 /, 'Make the database, or correct its name'],
  [/^53300 |too many (clients|connections)/i, 'Raise max_connections, or lower DATABASE_CONNECTIONS'],
  [
    /unsupported startup parameter/,
    'A pooler stands in between: take `options` out of the URL, or name it in ignore_startup_parameters of PgBouncer',
  ],
  [/^42501 .*function (\w+)/, 'The role must be allowed to run that function: GRANT EXECUTE ON FUNCTION'],
  [/^ECONNREFUSED /, 'Start PostgreSQL there, or correct host and port'],
  [/^(ENOTFOUND|EAI_AGAIN) /, 'Correct the host name, or the name server of this machine'],
  [/^(EACCES|ENOENT) .*\.s\.PGSQL\./, 'The socket is not there, or this account may not use it: correct host'],
  [/^(42704|22023|55P02) /, 'Correct or take away `options` in the URL'],
  [/timeout expired|ETIMEDOUT/, 'Nothing answers there: correct host and port, or let the way through the firewall'],
];
