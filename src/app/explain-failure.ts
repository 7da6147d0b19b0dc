/** What an operator reads when the service does not start, or a command fails. */

const UNREACHABLE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', '28P01', '3D000', '57P03'];

/** The setting to look at where one is at fault, or else the stack. */
export function explainFailure(error: NodeJS.ErrnoException): string {
  const { name, code = '', message, stack = message } = error;
  if (name === 'ConfigError') return message;
  if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL' || code === 'EACCES') return `HOST, PORT: ${message}`;
  return UNREACHABLE.includes(code) ? `DATABASE_URL: PostgreSQL cannot be used: ${message || code}` : stack;
}
