-- Portal sessions: short-lived keys for the people of one organization (src/manage/portal-sessions.ts).
--
-- A table of their own, not rows of api_keys: a process of the release before knows no portal session, so it refuses one. As an
-- API key it would accept it, even when the API key that made it was revoked.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- CreateTable
CREATE TABLE "portal_sessions" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "api_key_id" TEXT COLLATE "C" NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" "api_scope"[] NOT NULL,
    "rate_limit_per_minute" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "portal_sessions_pkey" PRIMARY KEY ("id")
);

-- Every request with an unknown key is looked up in it.
CREATE UNIQUE INDEX "portal_sessions_hash_key" ON "portal_sessions"("hash");

-- The list of an organization. NULLS FIRST is the mark of a list: see the first migration.
CREATE INDEX "portal_sessions_organization_id_id_idx" ON "portal_sessions"("organization_id", "id" NULLS FIRST);

-- The sessions of an organization that are neither revoked nor over: counted before one is created. An organization may have ended
-- any number of them within a day. Those that were revoked are not in it, and those that are over lie apart.
CREATE INDEX "portal_sessions_open" ON "portal_sessions"("organization_id", "expires_at") WHERE "revoked_at" IS NULL;

-- Those that ended a day ago are deleted along it: src/access/forget.ts.
CREATE INDEX "portal_sessions_expires_at_idx" ON "portal_sessions"("expires_at");

COMMIT;
