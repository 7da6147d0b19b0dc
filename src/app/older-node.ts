/**
 * What the code uses and Node 22 lacks, for the package, which runs there too. Node 24 has it all, and then nothing is done.
 * Imported first by cli.ts.
 */

type Dispose = () => unknown;
type Part = AsyncDisposable | Disposable | null | undefined;

/** AsyncDisposableStack, the whole of it: what was added last is disposed of first, and every failure is kept. */
export class DisposableParts implements AsyncDisposableStack {
  readonly [Symbol.toStringTag] = 'AsyncDisposableStack';
  #parts: Dispose[] = [];
  #isDisposed = false;

  get disposed(): boolean {
    return this.#isDisposed;
  }

  defer(dispose: Dispose): void {
    if (this.#isDisposed) throw new ReferenceError('The parts are disposed of already');
    this.#parts.push(dispose);
  }

  use<T extends Part>(part: T): T {
    this.defer(() => (part && Symbol.asyncDispose in part ? part[Symbol.asyncDispose]() : part?.[Symbol.dispose]()));
    return part;
  }

  adopt<T>(value: T, dispose: (value: T) => unknown): T {
    this.defer(() => dispose(value));
    return value;
  }

  move(): DisposableParts {
    const moved = new DisposableParts();
    for (const part of this.#parts) moved.defer(part);
    this.#parts = [];
    this.#isDisposed = true;
    return moved;
  }

  async disposeAsync(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const failures: unknown[] = [];
    for (const part of this.#parts.reverse()) {
      try {
        await part();
      } catch (error) {
        failures.push(failures.length === 0 ? error : new SuppressedFailure(error, failures.pop()));
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync();
  }
}

/** SuppressedError. */
export class SuppressedFailure extends Error {
  override readonly name = 'SuppressedError';
  readonly error: unknown;
  readonly suppressed: unknown;

  constructor(error: unknown, suppressed: unknown, message?: string) {
    super(message);
    this.error = error;
    this.suppressed = suppressed;
  }
}

/** Promise.try. */
export const promiseTry = async <Args extends unknown[], Out>(
  work: (...args: Args) => Out | PromiseLike<Out>,
  ...args: Args
): Promise<Out> => work(...args);

function provide(on: object, name: string, value: unknown): void {
  if (!(name in on)) Object.defineProperty(on, name, { value, writable: true, configurable: true });
}

provide(globalThis, 'AsyncDisposableStack', DisposableParts);
provide(globalThis, 'SuppressedError', SuppressedFailure);
provide(Promise, 'try', promiseTry);
