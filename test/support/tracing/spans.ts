/** The SDK of OpenTelemetry in this process, as an operator loads it, with the spans that have ended. */
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';

export type Spans = {
  /** Those with this name, oldest first. */
  named(name: string): ReadableSpan[];
  reset(): void;
};

/** For the rest of this process: the API takes one SDK. */
export function loadSdk(): Spans {
  const exporter = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  return {
    named: (name) => exporter.getFinishedSpans().filter((span) => span.name === name),
    reset: () => exporter.reset(),
  };
}

/** The header `traceparent` of what this span causes. */
export function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags}`;
}
