/**
 * The one server that all connections of this process stand on. Transaction ids, cursors and locks of two servers do not
 * belong together.
 *
 *     (none) ──first connection──▶ server on timeline n ──promotion──▶ server on timeline n+1
 *
 * A newer timeline is a promotion: its server becomes the server, and connections to an older timeline are broken. An older
 * timeline is a former primary that has come back: it is refused, as another cluster is.
 *
 * With several hosts, the host that took writes last is used until a connection to it fails or breaks. Then all hosts are
 * asked in turn, again and again, until one takes writes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseUrl, Host } from './database-url.ts';
import type { DatabaseServer } from './session.ts';

export type ServerLineage = Pick<DatabaseServer, 'system' | 'timeline'>;

export type Primary = {
  /** Where to connect now. Waits for a host that takes writes; rejects when none is found within `withinMs`. */
  locate(withinMs: number): Promise<Host>;
  /** A connection to the host failed or broke, or the host takes no writes: it is asked again before it is used again. */
  doubt(host: Host): void;
  /** Checks the server of a new connection. Throws WrongServer when it must not be used. `fell` is called when it must end. */
  admit(standing: ServerLineage, fell: () => void): () => void;
};

/** The error for a server that this process must not work with. */
export class WrongServer extends Error {
  override readonly name = 'WrongServer';
  readonly code = 'WRONG_SERVER';
}

/** Asks a host who it is; rejects when the host cannot be reached. */
export type AskHost = (host: Host) => Promise<Pick<DatabaseServer, 'isStandby'> & ServerLineage>;

const ROUND_PAUSE_MS = 250;

export function createPrimary({ hosts }: Pick<DatabaseUrl, 'hosts'>, ask: AskHost): Primary {
  let trusted: Host | undefined;
  let current: ServerLineage | undefined;
  let finding: Promise<Host> | undefined;
  const members = new Map<() => void, ServerLineage>();

  function requireSame({ system, timeline }: ServerLineage): void {
    if (!current) return;
    if (system !== current.system) {
      throw new WrongServer(
        `Expected the database of the start of this process (system identifier ${current.system}), got another one ` +
          `(${system}). Restart the process, if the change is meant.`,
      );
    }
    if (timeline !== null && current.timeline !== null && timeline < current.timeline) {
      throw new WrongServer(
        `The server stands on timeline ${timeline}, behind ${current.timeline}: it was the primary before a failover. ` +
          'Stop it, and let it follow the new primary.',
      );
    }
  }

  /** Asks every host once; the errors say why no host will do. */
  async function round(): Promise<Host | Error[]> {
    const errors: Error[] = [];
    for (const host of hosts) {
      try {
        const server = await ask(host);
        requireSame(server);
        if (!server.isStandby) return host;
        errors.push(new Error(`${nameOf(host)} is a standby`));
      } catch (error) {
        errors.push(new Error(`${nameOf(host)}: ${(error as Error).message}`, { cause: error }));
      }
    }
    return errors;
  }

  async function find(withinMs: number): Promise<Host> {
    const limit = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = await round();
      if (!Array.isArray(found)) return (trusted = found);
      if (limit.aborted) throw nowhere(found);
      await delay(ROUND_PAUSE_MS);
    }
  }

  return {
    async locate(withinMs) {
      if (hosts.length === 1) return hosts[0]!;
      if (trusted) return trusted;
      finding ??= find(withinMs).finally(() => (finding = undefined));
      return finding;
    },
    doubt(host) {
      if (trusted === host) trusted = undefined;
    },
    admit(standing, fell) {
      requireSame(standing);
      const isNewer = (standing.timeline ?? 0) > (current?.timeline ?? 0);
      if (!current || isNewer) current = standing;
      members.set(fell, standing);
      if (isNewer) {
        for (const [breakOff, { timeline }] of members) if ((timeline ?? 0) < (standing.timeline ?? 0)) breakOff();
      }
      return () => void members.delete(fell);
    },
  };
}

export const nameOf = ({ host, port }: Host): string => `${host}:${port}`;

function nowhere(errors: readonly Error[]): Error {
  return noPrimary(`no host takes writes: ${errors.map(({ message }) => message).join('; ')}`);
}

/** The error for one host or several of which none takes writes now. */
export const noPrimary = (reason: string): Error => Object.assign(new Error(reason), { code: 'NO_PRIMARY' });
