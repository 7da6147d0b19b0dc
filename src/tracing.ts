/**
 * Traces, by the API of OpenTelemetry alone. The SDK is the operator's, loaded with `--import`; without it nothing here runs.
 *
 *     graphql   a GraphQL operation; its parent is the span of the request, or what its header `traceparent` names
 *     publish   events that are published; its parent is the operation
 *     deliver   one attempt; a trace of its own, linked to the span `publish`
 *
 * No attribute holds a payload, a URL, a key or a secret. Ids of organizations and targets are attributes only where the operator
 * asks for them.
 */
import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type ProxyTracerProvider,
} from '@opentelemetry/api';

/** The span that is open, for who works inside it. */
export type TraceSpan = {
  /** 32 hex characters. */
  readonly traceId: string;
  /** The header `traceparent` of what this span causes (W3C Trace Context). */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Marks the span as failed. The texts of errors are left out: they may hold data. */
  fail(type: string): void;
};

type SpanFacts = {
  readonly attributes: Attributes;
  /** Ids of organizations and targets. They are attributes only where the operator asks for them. */
  readonly owner?: Attributes;
  /** Headers of a request, which may name the parent. */
  readonly headers?: object | undefined;
  /** The traceparent of another trace: the span then begins a trace of its own. */
  readonly causedBy?: string | null | undefined;
};

export type SpanName = 'graphql' | 'publish' | 'deliver';

export type Tracing = {
  /** Runs `work` in a span, which ends with it. */
  inSpan<T>(name: SpanName, facts: SpanFacts, work: (span: TraceSpan) => Promise<T>): Promise<T>;
  /** The header `traceparent` of the span that is open here; null: none is. */
  current(): string | null;
};

const KINDS: Readonly<Record<SpanName, SpanKind>> = {
  graphql: SpanKind.SERVER,
  publish: SpanKind.PRODUCER,
  deliver: SpanKind.CLIENT,
};

/** Undefined when no SDK was loaded. `showsOrganizations`: whether spans name organizations and targets. */
export function createTracing({ showsOrganizations }: { readonly showsOrganizations: boolean }): Tracing | undefined {
  const tracer = (trace.getTracerProvider() as Partial<ProxyTracerProvider>).getDelegateTracer?.('hookcast');
  if (!tracer) return undefined;

  return {
    inSpan(name, { attributes, owner = {}, headers, causedBy }, work) {
      const isOwnTrace = causedBy !== undefined;
      const link = causedBy ? readTraceparent(causedBy) : undefined;
      const parent = isOwnTrace ? ROOT_CONTEXT : parentOf(headers);
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[name],
          attributes: showsOrganizations ? { ...attributes, ...owner } : attributes,
          links: link ? [{ context: link }] : [],
        },
        parent,
      );
      return context.with(trace.setSpan(parent, span), async () => {
        try {
          return await work(toTraceSpan(span));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
          throw error;
        } finally {
          span.end();
        }
      });
    },
    current() {
      const found = trace.getActiveSpan()?.spanContext();
      return found && isSpanContextValid(found) ? writeTraceparent(found) : null;
    },
  };
}

/** The span of the request, where the SDK watches HTTP; else what the headers name. */
function parentOf(headers: object | undefined) {
  const active = context.active();
  return trace.getSpan(active) || !headers ? active : propagation.extract(active, headers);
}

function toTraceSpan(span: Span): TraceSpan {
  const found = span.spanContext();
  return {
    traceId: found.traceId,
    traceparent: writeTraceparent(found),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (type) => void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type),
  };
}

const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function readTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  return traceId === undefined
    ? undefined
    : { traceId, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16), isRemote: true };
}
