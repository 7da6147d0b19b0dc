-- What one organization may have and do: its own rate limit, and indexes that count its API keys and targets.
--
-- Processes of the release before go on inserting organizations without the new column: null is the deployment's default.

BEGIN;
SET LOCAL lock_timeout = '3s';

-- Operations per minute of all the organization's API keys together (src/access/rate-limit.ts). Its window is a row of
-- "rate_limit_windows" under the organization's id: ids of all kinds are KSUIDs, and no two are alike.
ALTER TABLE "organizations" ADD COLUMN "rate_limit_per_minute" INTEGER;

-- The list of an organization's keys, now in pages. NULLS FIRST is the mark of a list: see the first migration.
DROP INDEX "api_keys_organization_id_id_idx";
CREATE INDEX "api_keys_organization_id_id_idx" ON "api_keys"("organization_id", "id" NULLS FIRST);

-- The keys of an organization that are neither revoked nor expired: counted before one is created, and first in its list. An
-- organization may have ended any number of keys. Those that were revoked are not in it, and those that expired lie apart.
CREATE INDEX "api_keys_live" ON "api_keys"("organization_id", (COALESCE("expires_at", 'infinity'))) WHERE "revoked_at" IS NULL;

-- The targets of an organization, counted before one is created: "webhook_targets_subscribed" has those that are not
-- DISABLED, this one has the rest. One index of both would be taken for the other by the planner of a fan-out.
CREATE INDEX "webhook_targets_disabled" ON "webhook_targets"("organization_id") WHERE "deleted_at" IS NULL AND "status" = 'DISABLED';

COMMIT;
