/** Counts of this process in the Prometheus text format, version 0.0.4. */
import type { RequestRecord, Transport } from './request-record.ts';

export type Metrics = {
  /** Once per operation, when it is over. */
  operationFinished(record: RequestRecord): void;
  streamOpened(transport: Transport): void;
  streamClosed(transport: Transport): void;
  socketOpened(): void;
  socketClosed(): void;
  render(): string;
};

type Labels = Readonly<Record<string, string>>;

export function createMetrics(): Metrics {
  const operations = new Map<string, number>();
  const streams = new Map<string, number>();
  let sockets = 0;

  const add = (counts: Map<string, number>, labels: Labels, amount: number) => {
    const key = labelText(labels);
    counts.set(key, (counts.get(key) ?? 0) + amount);
  };

  return {
    operationFinished({ transport, kind, errorCodes }) {
      const [code = 'OK'] = errorCodes;
      add(operations, { transport, kind: kind ?? 'none', outcome: code }, 1);
    },
    streamOpened: (transport) => add(streams, { transport }, 1),
    streamClosed: (transport) => add(streams, { transport }, -1),
    socketOpened: () => void sockets++,
    socketClosed: () => void sockets--,
    render() {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      return [
        family(
          'hookcast_graphql_operations_total',
          'counter',
          'Operations by outcome: OK or an error code.',
          operations,
        ),
        family('hookcast_open_streams', 'gauge', 'Open subscriptions.', streams),
        single('hookcast_open_websockets', 'gauge', 'Open WebSockets.', sockets),
        single('process_resident_memory_bytes', 'gauge', 'Resident memory.', rss),
        single('nodejs_heap_size_used_bytes', 'gauge', 'JavaScript heap in use.', heapUsed),
        single('nodejs_heap_size_total_bytes', 'gauge', 'JavaScript heap.', heapTotal),
        single('nodejs_external_memory_bytes', 'gauge', 'Memory of objects outside the heap.', external),
        single('process_cpu_seconds_total', 'counter', 'User and system time.', cpuSeconds()),
      ].join('');
    },
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

type Kind = 'counter' | 'gauge';

function family(name: string, kind: Kind, help: string, values: ReadonlyMap<string, number>): string {
  const lines = [...values].map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

const single = (name: string, kind: Kind, help: string, value: number): string =>
  family(name, kind, help, new Map([['', value]]));

/** Label values are ours (transports, operation kinds, error codes) and need no escaping. */
const labelText = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
