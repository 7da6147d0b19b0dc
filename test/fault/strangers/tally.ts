/** What one kind of attack reached: attempts, answers, bytes, and how many connections it held. */
import type { Socket } from 'node:net';

export type KindReport = {
  readonly kind: string;
  /** That it may have open at a time. */
  readonly connections: number;
  readonly attempts: number;
  readonly sentBytes: number;
  /** Open at a time, on average. */
  readonly held: number;
  /** By status, close code of a WebSocket, or how the connection ended. */
  readonly answers: Readonly<Record<string, number>>;
};

export type Tally = {
  attempt(): void;
  answer(what: string | number): void;
  /** Counts what goes over the socket, and for how long it is open. */
  watch(socket: Socket): void;
  /** Notes how many are open now. */
  sample(): void;
  report(): KindReport;
};

export function createTally(kind: string, connections: number): Tally {
  const open = new Set<Socket>();
  const seen = new WeakSet<Socket>();
  const answers: Record<string, number> = {};
  let [attempts, endedBytes, samples, heldSum] = [0, 0, 0, 0];
  return {
    attempt: () => void attempts++,
    answer: (what) => void (answers[what] = (answers[what] ?? 0) + 1),
    watch(socket) {
      if (seen.has(socket)) return; // Kept alive from the attempt before.
      seen.add(socket);
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        endedBytes += socket.bytesWritten;
      });
    },
    sample() {
      samples++;
      heldSum += open.size;
    },
    report() {
      const sentBytes = [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, endedBytes);
      return { kind, connections, attempts, sentBytes, held: heldSum / Math.max(1, samples), answers };
    },
  };
}

/** By kind, over several processes, and all together. */
export function addReports(reports: readonly KindReport[]): KindReport[] {
  const kinds = [...Map.groupBy(reports, ({ kind }) => kind).values()].map((parts) => parts.reduce(addTwo));
  return [...kinds, { ...kinds.reduce(addTwo), kind: 'together' }];
}

const addTwo = (one: KindReport, other: KindReport): KindReport => ({
  kind: one.kind,
  connections: one.connections + other.connections,
  attempts: one.attempts + other.attempts,
  sentBytes: one.sentBytes + other.sentBytes,
  held: one.held + other.held,
  answers: addCounts(one.answers, other.answers),
});

function addCounts(one: KindReport['answers'], other: KindReport['answers']): Record<string, number> {
  const sum = { ...one };
  for (const [what, count] of Object.entries(other)) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}

const MEGABYTE = 1_000_000;

/** One line for people. */
export function describeKind(
  { kind, connections, attempts, sentBytes, held, answers }: KindReport,
  ms: number,
): string {
  const perSecond = (amount: number) => ((amount * 1_000) / ms).toFixed(1);
  const most = Object.entries(answers).sort(([, a], [, b]) => b - a);
  const ends = most.slice(0, 4).map(([what, count]) => `${what} ${count}`);
  return (
    `${kind.padEnd(16)} ${String(connections).padStart(3)} connections, ${held.toFixed(1)} open; ` +
    `${perSecond(attempts)} attempts/s, ${perSecond(sentBytes / MEGABYTE)} MB/s; ${ends.join(', ') || 'no answer'}`
  );
}
