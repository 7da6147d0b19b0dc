/** The subject of the tests of the API: two organizations, a small catalog, and callers of each kind. */
import type { DeliveryStatus } from '../../src/domain/delivery.ts';
import { createApi, type ApiResult, type Document } from '../support/api.ts';

export async function setup() {
  const api = await createApi();
  const { fixtures, clock } = api;
  const own = (await fixtures.organization({ name: 'Own' })).id;
  const other = (await fixtures.organization({ name: 'Other' })).id;
  for (const name of ['transaction.auto.updated', 'customer.created']) await fixtures.eventType({ name });
  const member = await api.caller(own);
  const stranger = await api.caller(other);
  const admin = await api.caller(own, ['PLATFORM_ADMIN']);

  return {
    ...api,
    own,
    other,
    member,
    stranger,
    admin,

    /** Runs an operation that must succeed. */
    async query(document: string, variables: Record<string, unknown> = {}, caller = member) {
      const { data, errors }: ApiResult = await api.execute(document, variables, caller);
      if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
      return data;
    },

    /** A subscription that must open; `next` gives the only field of its next result. */
    async follow<Data extends object, Variables>(
      document: Document<Data, Variables>,
      variables: Variables,
      caller = member,
    ) {
      const { stream, errors } = await api.subscribe(document, variables, caller);
      if (!stream) throw new Error(errors[0]!.message);
      return Object.assign(stream, {
        change: async (): Promise<Exclude<Data[keyof Data], '__typename'>> => {
          const { data, errors: failures } = (await stream.next())!;
          if (failures.length > 0) throw new Error(failures[0]!.message);
          return Object.values(data!)[0];
        },
      });
    },

    /** A target, an event and its delivery. */
    async delivery(
      options: {
        organizationId?: string;
        status?: DeliveryStatus;
        targetId?: string;
        eventType?: string;
        tags?: readonly string[];
      } = {},
    ) {
      const { organizationId = own, eventType = 'transaction.auto.updated', status = 'PENDING', tags } = options;
      const targetId = options.targetId ?? (await fixtures.target({ organizationId })).id;
      const eventId = (await fixtures.event({ organizationId, eventType, ...(tags && { tags }) })).id;
      const { id } = await fixtures.delivery({ organizationId, targetId, eventId, eventType, status });
      return { id, targetId, eventId };
    },

    /** A row of the audit log, inserted as it is. */
    async auditEntry({
      organizationId = own,
      subjectId = fixtures.ids.next(),
      apiKeyId = member.apiKeyId,
      text = '',
    } = {}) {
      const id = fixtures.ids.next();
      await api.database.prisma().auditEntry.create({
        data: {
          id,
          organizationId,
          at: clock.now(),
          actor: 'API_KEY',
          apiKeyId,
          apiKeyName: text,
          subjectId,
          apiKeyOrganizationId: organizationId,
          operation: 'updateWebhookTarget',
          subjectType: 'WebhookTarget',
          before: { name: text },
          after: { name: 'renamed' },
        },
      });
      return { id };
    },

    /** Deliveries of one target, oldest first; each a second after the one before. */
    async deliveries(count: number, { targetId, status }: { targetId?: string; status?: DeliveryStatus } = {}) {
      const target = targetId ?? (await fixtures.target({ organizationId: own })).id;
      const ids: string[] = [];
      for (let made = 0; made < count; made++) {
        await clock.advance(1_000);
        ids.push((await fixtures.delivery({ organizationId: own, targetId: target, ...(status && { status }) })).id);
      }
      return ids;
    },

    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}
