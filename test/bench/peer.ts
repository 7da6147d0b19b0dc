/** Another sender beside the service, behind its adapter (peers/adapter.ts). */
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { startProcess } from '../support/processes/start.ts';
import type { FromPeer, PeerLoad, PeerStart, PeerTarget, ToPeer } from './peers/adapter.ts';

export type Peer = {
  /** As the adapter says. */
  readonly name: string;
  createTargets(targets: readonly PeerTarget[]): Promise<void>;
  /** Resolves when all events are accepted. */
  publish(load: PeerLoad): Promise<void>;
  /** Closes the adapter's input, and kills what is still there after a while. */
  end(): Promise<void>;
};

type Options = PeerStart & {
  /** Run by a shell, so that an operator can write it as on a command line. */
  readonly command: string;
  readonly logFile: string;
};

const WAIT_MS = 300_000;
const END_MS = 20_000;

export async function startPeer({ command, logFile, ...start }: Options): Promise<Peer> {
  const log = await open(logFile, 'a');
  // Without `exec` the shell would stay between, and get the signal that is meant for the adapter.
  const child = startProcess('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', log.fd] });
  const exited = once(child, 'exit');
  child.stdin!.on('error', () => {}); // It has ended; the missing answer says so.
  // Before any wait: Node throws away what an ended process wrote and nobody listens to.
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  await log.close();

  async function ask<T extends FromPeer['type']>(message: ToPeer, type: T): Promise<Extract<FromPeer, { type: T }>> {
    child.stdin!.write(`${JSON.stringify(message)}\n`);
    const late = AbortSignal.timeout(WAIT_MS);
    const line = await Promise.race([
      lines.next(),
      once(late, 'abort').then(() => ({ value: `nothing within ${WAIT_MS / 1_000} s`, done: false })),
    ]);
    if (line.done) throw new Error(`The peer ended before it said "${type}"; its output is in ${logFile}`);
    const answer = parse(line.value);
    if (answer?.type !== type) throw new Error(`Expected the peer to say "${type}", got ${line.value}; see ${logFile}`);
    return answer as Extract<FromPeer, { type: T }>;
  }

  const { name } = await ask({ type: 'start', ...start }, 'started');
  return {
    name,
    async createTargets(targets) {
      await ask({ type: 'targets', targets }, 'ready');
    },
    async publish(load) {
      await ask({ type: 'publish', ...load }, 'published');
    },
    async end() {
      child.stdin!.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function parse(line: string): FromPeer | undefined {
  try {
    return JSON.parse(line) as FromPeer;
  } catch {
    return undefined;
  }
}
