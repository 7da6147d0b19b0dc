import { ConsoleSpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

// Prints spans between the log lines. Yours: a BatchSpanProcessor with the exporter of your collector.
const processor = new SimpleSpanProcessor(new ConsoleSpanExporter());

// Registers the SDK, and its propagator of W3C Trace Context.
new NodeTracerProvider({ spanProcessors: [processor] }).register();
