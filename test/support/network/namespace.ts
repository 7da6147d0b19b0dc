/**
 * A network of its own for one process: every address of the world is assigned to its loopback interface, so that any
 * connection it makes, wherever to, arrives at a listener of that process and nowhere else. Linux; root or user namespaces.
 */
import { spawnSync } from 'node:child_process';
import { runProcess } from '../processes/start.ts';

const SET_UP = [
  'ip link set lo up',
  'ip route add local 0.0.0.0/0 dev lo',
  'ip -6 route add local ::/0 dev lo',
  'exec "$@"',
].join(' && ');

const arguments_ = (command: string, ...rest: string[]) => ['-rn', 'sh', '-c', SET_UP, 'sh', command, ...rest];

/** Why this machine has no such network; undefined where it has. */
export function whyNoNamespace(): string | undefined {
  const { error, status, stderr } = spawnSync('unshare', arguments_('true'), { encoding: 'utf8', timeout: 10_000 });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim() || `unshare ended with ${status}`;
}

/** Runs a file of Node in it, and returns what it printed as JSON. */
export async function runInNamespace<T>(file: string, environment: NodeJS.ProcessEnv = {}): Promise<T> {
  const { stdout } = await runProcess('unshare', arguments_(process.execPath, file), {
    env: { PATH: process.env['PATH'], ...environment },
    timeout: 25_000,
  });
  return JSON.parse(stdout) as T;
}
