/**
 * Portal sessions: what is shown of them, their list, creating and revoking. Only the answer of createPortalSession holds the
 * token.
 */
import { Prisma } from '../../prisma/generated/client.ts';
import { SESSION_SECONDS } from '../domain/api-keys/portal-session.ts';
import { PORTAL_SCOPES, READING_SCOPES } from '../domain/api-keys/scope.ts';
import { ApiScopeEnum } from './api-key.ts';
import { callerOf, reachOf } from './build/access.ts';
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import { payloadType, perform, type Payload } from './build/mutation.ts';
import { toOrganizationId } from './build/organization-id.ts';
import { Organization } from './build/refs.ts';
import { portalSessionList, type Parent, type Selection } from './read/list.ts';
import { loadersOf } from './read/reads.ts';
import { present } from './read/row-of.ts';
import type { ApiKeyRow, PortalSessionRow } from './read/rows.ts';

export const PortalSession = builder.objectRef<PortalSessionRow>('PortalSession').implement({
  description:
    'Lets the people of one organization use the portal for a while. Its token works as an API key does, with the scopes of ' +
    'the session. It ends at expiresAt, when it is revoked, and when the API key that made it is revoked. Only the ' +
    'SHA-256 of the token is stored. A session is listed until a day after expiresAt.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the session, not its token.' }),
    organization: t.field({
      type: Organization,
      description: 'The organization whose objects the session sees.',
      resolve: ({ organizationId }, _, context) =>
        present(loadersOf(context).organization.load(organizationId), 'organization'),
    }),
    scopes: t.expose('scopes', { type: [ApiScopeEnum], description: 'What the session may do.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the session was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the session ends: from then on its token is refused, and its streams end.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session was revoked; null: it was not.',
    }),
  }),
});

/** A session as the API key that it answers as. */
export const toApiKeyRow = ({ apiKeyId: _, ...session }: PortalSessionRow): ApiKeyRow => ({
  ...session,
  name: 'portal session',
  publicKey: null,
  lastUsedAt: null,
});

const PortalSessionConnection = connectionType(PortalSession, {
  name: 'PortalSession',
  rows: 'portal sessions, newest first',
});

builder.queryField('portalSessions', (t) =>
  t.field({
    type: PortalSessionConnection,
    needs: 'API_KEYS_MANAGE',
    description:
      'The portal sessions of the caller’s organization, newest first, also revoked ones, until a ' +
      'day after their `expiresAt`.',
    args: pageArguments(t.arg),
    resolve: (_, args, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(sessionsOf({ id: organizationId, organizationId }), args);
    },
  }),
);

const sessionsOf = (organization: Parent): Selection<PortalSessionRow> => ({
  list: portalSessionList,
  parent: organization,
  key: 'portalSessions',
  where: ({ id }) => [Prisma.sql`organization_id = ${id}`],
});

type FieldBuilder<Value> = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Value>>;

const sessionField = <Value extends { readonly sessionId: string }>(t: FieldBuilder<Value>, description: string) =>
  t.field({
    type: PortalSession,
    nullable: true,
    description,
    resolve: ({ value }, _, context) =>
      value && loadersOf(context).portalSession.load({ id: value.sessionId, organizationId: reachOf(context) }),
  });

const { least, most, usual } = SESSION_SECONDS;

const CreatePortalSessionInput = builder.inputType('CreatePortalSessionInput', {
  description: 'A new portal session.',
  fields: (t) => ({
    organizationId: t.id({
      description:
        'The organization whose objects the session sees: its id, or its external id. Default: the caller’s; another ' +
        'organization needs the scope PLATFORM_ADMIN.',
    }),
    scopes: t.field({
      type: [ApiScopeEnum],
      description:
        `What the session may do: 1 to 1000 entries of ${PORTAL_SCOPES.join(', ')}, none that the caller’s own API key ` +
        `lacks. Default: those of ${READING_SCOPES.join(', ')} that it has.`,
    }),
    expiresInSeconds: t.int({
      description:
        `How long the session lasts: ${least} to ${most} seconds, and not longer than the caller’s own API key. Default: ` +
        `${usual} seconds, or until that API key expires.`,
    }),
  }),
});

const CreatePortalSessionPayload = payloadType<{ sessionId: string; token: string }>(
  'CreatePortalSessionPayload',
  'What createPortalSession did.',
  (t) => ({
    session: sessionField(t, 'The new session, as it is listed; null when there are userErrors.'),
    token: t.string({
      nullable: true,
      description: 'Works as an API key; shown this once. Null when there are userErrors.',
      resolve: ({ value }) => value?.token ?? null,
    }),
    url: t.string({
      nullable: true,
      description:
        'The portal, with the token in the fragment of its address: for a frame, or for a person to open. Null when there ' +
        'are userErrors, and when the operator has switched the pages off (CONSOLE=false).',
      resolve: ({ value }, _, context) => {
        const portal = context.services.portalUrl();
        return value && portal && `${portal}#token=${value.token}`;
      },
    }),
  }),
);

builder.mutationField('createPortalSession', (t) =>
  t.field({
    type: CreatePortalSessionPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Opens the portal for the people of one organization, for a while. The session can do no more than the caller’s own ' +
      'API key, no faster and for no longer, and it ends when that API key is revoked. It never gets API_KEYS_MANAGE, ' +
      'PLATFORM_ADMIN or EVENTS_ERASE. Its mutations need no signature, also where that API key has a publicKey: browsers have ' +
      'nothing to sign with. Then this mutation itself is signed, and the scopes say what may be done unsigned. User errors: ' +
      'REQUIRED and TOO_MANY (scopes), TOO_MANY without a field (1000 sessions of the organization are open), INVALID (a scope ' +
      'that a session never gets or that the caller lacks, expiresInSeconds out of range or beyond the end of the caller’s API ' +
      'key), NOT_FOUND (organizationId).',
    args: {
      input: t.arg({ type: CreatePortalSessionInput, required: true, description: 'The session to create.' }),
    },
    resolve: (_, { input }, context, info) =>
      perform(context, info, async (effect) => {
        const organizationId = await toOrganizationId(context, input.organizationId);
        const named = { ...input, organizationId };
        return context.services.portalSessions.create(authoredCaller(context, info), named, effect);
      }),
  }),
);

const RevokePortalSessionInput = builder.inputType('RevokePortalSessionInput', {
  description: 'A portal session to revoke.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the session, not its token.' }) }),
});

const RevokePortalSessionPayload = payloadType<{ sessionId: string }>(
  'RevokePortalSessionPayload',
  'What revokePortalSession did.',
  (t) => ({ session: sessionField(t, 'The revoked session; null when there are userErrors.') }),
);

builder.mutationField('revokePortalSession', (t) =>
  t.field({
    type: RevokePortalSessionPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Ends a portal session: within 5 seconds its token is refused everywhere, and its streams are closed (WebSocket code ' +
      '4403). Revoking twice changes nothing. User errors: NOT_FOUND.',
    args: { input: t.arg({ type: RevokePortalSessionInput, required: true, description: 'The session to revoke.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.portalSessions.revoke(authoredCaller(context, info), input, effect),
      ),
  }),
);
