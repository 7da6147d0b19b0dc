/** What the form to publish is filled with: the example of a type, or an event that is to be published once more. */
import { useEffect, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { TypeToPublishQuery } from '../../generated/graphql.ts';
import { memberText } from '../../ui/text/pretty-json.ts';
import { EVENT_TO_REPEAT, TYPE_TO_PUBLISH } from './documents.ts';
import { sampleOf } from './sample.ts';

export type Draft = {
  readonly eventType: string;
  readonly data: string;
  readonly customerId: string;
  readonly orderingKey: string;
  readonly tags: string;
};

type TypeToPublish = NonNullable<TypeToPublishQuery['eventType']>;

type Drafting = {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  /** The chosen type; undefined until it is loaded. */
  readonly type: TypeToPublish | null | undefined;
  readonly error: unknown;
  /** Asks again for what failed, and only for it: an event that comes once more would replace what was typed. */
  readonly reload: () => void;
  readonly useExample: () => void;
};

const EMPTY: Draft = { eventType: '', data: '', customerId: '', orderingKey: '', tags: '' };

/** `like`: the id of an event. Data that somebody has changed is not replaced by the example of another type. */
export function useDraft(eventType: string, like: string | null): Drafting {
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, eventType });
  const [filledWith, setFilledWith] = useState('');
  const asked = useQuery(TYPE_TO_PUBLISH, draft.eventType === '' ? null : { name: draft.eventType });
  const repeated = useQuery(EVENT_TO_REPEAT, like === null ? null : { id: like });
  const type = asked.data?.eventType?.name === draft.eventType ? asked.data.eventType : undefined;
  const fill = (data: string): void => {
    setFilledWith(data);
    setDraft((before) => ({ ...before, data }));
  };
  useEffect(() => {
    if (type && like === null && draft.data === filledWith) fill(exampleOf(type));
  }, [type]);
  useEffect(() => {
    const event = repeated.data?.event;
    if (!event) return;
    setDraft({
      eventType: event.eventType.name,
      data: memberText(event.body, 'data') ?? '',
      customerId: event.customerId ?? '',
      orderingKey: event.orderingKey ?? '',
      tags: event.tags.join(', '),
    });
  }, [repeated.data]);
  return {
    draft,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    type,
    error: asked.error ?? repeated.error,
    reload: asked.error === undefined ? repeated.reload : asked.reload,
    useExample: () => type && fill(exampleOf(type)),
  };
}

const exampleOf = ({ example, schema }: Pick<TypeToPublish, 'example' | 'schema'>): string =>
  JSON.stringify(example ?? (schema === null ? {} : sampleOf(schema)), null, 2);
