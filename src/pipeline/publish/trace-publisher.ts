/** The publisher with a span around each publish. The trace context of that span is stored with the events (write.ts). */
import type { Tracing, TraceSpan } from '../../tracing.ts';
import type { Publisher } from './publish.ts';

/** The same publisher where nobody traces. */
export function tracePublisher(publisher: Publisher, tracing: Tracing | undefined): Publisher {
  if (!tracing) return publisher;
  const note = (span: TraceSpan, eventIds: readonly string[]) => span.set({ 'hookcast.event.ids': [...eventIds] });
  return {
    ...publisher,
    publish(caller, input, effect) {
      const attributes = { 'hookcast.event.count': 1, 'hookcast.event.type': input.eventType };
      return tracing.inSpan('publish', { attributes, owner: ownerOf(caller) }, async (span) => {
        const published = await publisher.publish(caller, input, effect);
        if (published.ok) note(span, [published.value.eventId]);
        else span.fail(published.userErrors[0]!.code);
        return published;
      });
    },
    publishMany(caller, inputs, effect) {
      const attributes = { 'hookcast.event.count': inputs.length };
      return tracing.inSpan('publish', { attributes, owner: ownerOf(caller) }, async (span) => {
        const published = await publisher.publishMany(caller, inputs, effect);
        if (published.ok) note(span, published.value.eventIds.slice(0, MOST_IDS));
        else span.fail(published.userErrors[0]!.code);
        return published;
      });
    },
  };
}

/** As in the log: a batch of 1,000 must not make an attribute of 30 KB. */
const MOST_IDS = 10;

const ownerOf = ({ organizationId }: { readonly organizationId: string }) => ({
  'hookcast.organization.id': organizationId,
});
