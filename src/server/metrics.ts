/** The server's part of /metrics. Labels are transports, kinds of operations and error codes: few, and never a client's text. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestRecord, Transport } from './request-record.ts';

export type Metrics = {
  /** Call it once per operation, when the operation is over. */
  operationFinished(record: RequestRecord, durationMs: number): void;
  streamOpened(transport: Transport): void;
  streamClosed(transport: Transport): void;
  socketOpened(): void;
  socketClosed(): void;
};

const OPERATION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const operations = new Counter({
    registers,
    name: 'hookcast_graphql_operations_total',
    labelNames: ['transport', 'kind', 'outcome'],
    help: 'Operations by outcome: OK or an error code.',
  });
  const seconds = new Histogram({
    registers,
    name: 'hookcast_graphql_operation_duration_seconds',
    labelNames: ['kind'],
    buckets: OPERATION_SECONDS,
    help: 'Queries and mutations, until their answer was sent.',
  });
  const streams = new Gauge({
    registers,
    name: 'hookcast_open_streams',
    labelNames: ['transport'],
    help: 'Open subscriptions.',
  });
  const sockets = new Gauge({ registers, name: 'hookcast_open_websockets', help: 'Open WebSockets.' });

  return {
    operationFinished({ transport, kind, errorCodes }, durationMs) {
      const [outcome = 'OK'] = errorCodes;
      operations.inc({ transport, kind: kind ?? 'none', outcome });
      // A subscription lasts as long as its client likes, and an operation refused before its kind was known costs nothing.
      if (kind === 'query' || kind === 'mutation') seconds.observe({ kind }, durationMs / 1_000);
    },
    streamOpened: (transport) => streams.inc({ transport }),
    streamClosed: (transport) => streams.dec({ transport }),
    socketOpened: () => sockets.inc(),
    socketClosed: () => sockets.dec(),
  };
}
