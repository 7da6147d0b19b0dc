-- The headers that an organization wants with every request to a target, sealed under MASTER_KEY. A column without a default:
-- no row is rewritten. Processes of the release before insert and update targets without it, and send requests without these
-- headers.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "webhook_targets" ADD COLUMN "sealed_headers" BYTEA;

COMMIT;
