/**
 * Portal sessions: create and revoke. A session signs in like an API key, for the people of one organization and for a while.
 * Only the hash of its token is stored. It ends with the API key that made it (access/key-lookup.ts).
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { Grantor } from '../domain/api-keys/api-key-input.ts';
import { apiKeyPrefix, hashApiKey, makePortalToken } from '../domain/api-keys/api-key.ts';
import {
  checkPortalSession,
  chooseScopes,
  chooseSessionEnd,
  type PortalSessionInput,
} from '../domain/api-keys/portal-session.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { notFound, reach } from '../domain/reach.ts';
import { fail, succeed, type Result } from '../errors.ts';
import { findNamedOrganization, requireUnrevoked } from './api-keys.ts';
import { audit, type AuditedCaller, type AuditEntry } from './audit.ts';
import { sessionLimitReached, tooManySessions } from './quota.ts';

type CreateInput = PortalSessionInput & {
  /** Default: the caller's organization. */
  readonly organizationId?: string | null | undefined;
};

/** The maker of a session, and the most that the session may be given. */
type Maker = AuditedCaller & Grantor & { readonly apiKeyId: string };

export type PortalSessions = {
  /**
   * Makes a session that can do no more than its maker's API key, and ends with it. REQUIRED, TOO_MANY, INVALID, NOT_FOUND (of
   * the organization). Throws UNAUTHENTICATED when the maker's API key was revoked meanwhile.
   */
  create(maker: Maker, input: CreateInput, effect?: Effect): Promise<Result<{ sessionId: string; token: string }>>;
  /** Ends a session. Revoking twice is fine. NOT_FOUND. */
  revoke(
    caller: AuditedCaller,
    input: { readonly id: string },
    effect?: Effect,
  ): Promise<Result<{ sessionId: string }>>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** The highest limit of a session, beside that of its maker's API key. */
  readonly rateLimitPerMinute: number;
  /** Called with a revoked session, so that this process need not wait until its cache of keys is old. */
  readonly onRevoked?: (sessionId: string) => void;
};

export function createPortalSessions({ database, clock, ids, ...options }: Options): PortalSessions {
  const { rateLimitPerMinute, onRevoked = () => {} } = options;
  return {
    async create(maker, input, effect) {
      const organizationId = input.organizationId ?? maker.organizationId;
      const now = clock.now();
      const errors = [
        ...checkPortalSession(input, maker, now),
        ...(await findNamedOrganization(database, maker, organizationId)),
      ];
      if (errors.length > 0) return fail(...errors);
      const [id, token] = [ids.next(), makePortalToken(clock.randomBytes)];
      const scopes = chooseScopes(input, maker);
      const limit = Math.min(rateLimitPerMinute, maker.rateLimitPerMinute ?? Infinity);
      const expiresAt = chooseSessionEnd(input, maker, now);
      return database.transaction<Result<{ sessionId: string; token: string }>>(async (tx) => {
        await requireUnrevoked(tx, maker.apiKeyId);
        const most = await sessionLimitReached(tx, organizationId, now);
        if (most !== undefined) return fail(tooManySessions(most));
        const secrets = [apiKeyPrefix(token), hashApiKey(token)];
        await tx.query(INSERT, [id, organizationId, maker.apiKeyId, ...secrets, scopes, limit, now, expiresAt]);
        const after = { scopes, expiresAt };
        const change: AuditEntry = { organizationId, type: 'PortalSession', id, before: null, after };
        await audit(tx, { author: maker.author, ids, now }, [change]);
        return succeed(await remember(tx, effect, { sessionId: id, token }));
      });
    },

    async revoke(caller, { id }, effect) {
      const outcome = await database.transaction<Result<{ sessionId: string }>>(async (tx) => {
        const found = isId(id) ? await tx.query<Revocable>(FIND, [id, reach(caller)]) : undefined;
        const session = found?.rows[0];
        if (!session) return fail(notFound('portal session', id));
        const { organizationId, revokedAt: earlier } = session;
        const now = clock.now();
        const revokedAt = earlier ?? now;
        await tx.query(REVOKE, [id, revokedAt]);
        const [before, after] = [{ revokedAt: earlier }, { revokedAt }];
        const change: AuditEntry = { organizationId, type: 'PortalSession', id, before, after };
        await audit(tx, { author: caller.author, ids, now }, [change]);
        return succeed(await remember(tx, effect, { sessionId: id }));
      });
      if (outcome.ok) onRevoked(id);
      return outcome;
    },
  };
}

const INSERT = `
  insert into portal_sessions (id, organization_id, api_key_id, prefix, hash, scopes, rate_limit_per_minute, created_at,
    expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

type Revocable = { readonly organizationId: string; readonly revokedAt: Date | null };

const FIND = `
  select organization_id as "organizationId", revoked_at as "revokedAt"
    from portal_sessions where id = $1 and ($2::text is null or organization_id = $2)
     for update`;

const REVOKE = 'update portal_sessions set revoked_at = $2 where id = $1';
