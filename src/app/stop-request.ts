/** SIGTERM and SIGINT: the first asks the process to stop in order, the second forces. */
import { systemClock, type Clock } from '../clock.ts';

export type StopRequest = {
  /** Aborted by the first signal, with a StopRequested as its reason. */
  readonly signal: AbortSignal;
  /** Resolves with the second signal. */
  readonly forced: Promise<NodeJS.Signals>;
};

/** Why a start was given up: the process was asked to stop meanwhile. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
  /** What asked for it. */
  readonly by: NodeJS.Signals;

  constructor(by: NodeJS.Signals) {
    super(`${by} asked the process to stop`);
    this.by = by;
  }
}

/** A terminal sends Ctrl-C to npm and to the service, and npm passes it on: the same signal this soon is no second one. */
const ECHO_MS = 1_000;

type Process = Pick<NodeJS.Process, 'on'>;

/** Listens from now on. Process 1 of a container gets no signal that it does not listen for. */
export function listenForStop(self: Process = process, clock: Pick<Clock, 'monotonicMs'> = systemClock): StopRequest {
  const first = new AbortController();
  const second = Promise.withResolvers<NodeJS.Signals>();
  let firstAtMs = 0;

  function receive(name: NodeJS.Signals): void {
    const { reason } = first.signal as { reason?: StopRequested };
    if (reason === undefined) {
      firstAtMs = clock.monotonicMs();
      first.abort(new StopRequested(name));
    } else if (name !== reason.by || clock.monotonicMs() - firstAtMs >= ECHO_MS) second.resolve(name);
  }

  self.on('SIGTERM', receive);
  self.on('SIGINT', receive);
  return { signal: first.signal, forced: second.promise };
}
