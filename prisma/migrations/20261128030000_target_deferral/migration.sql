-- Until when a target asked for no more requests, by Retry-After. A column without a default: no row is rewritten, and
-- workers of the release before go on as they did.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "webhook_targets" ADD COLUMN "deferred_until" TIMESTAMPTZ(3);

COMMIT;
