-- The trace context of the publish with its event, so that the spans of deliveries can be linked to it. Null: nobody traced it. The
-- column has no default: no row is touched. Processes of the release before insert events without it.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "events" ADD COLUMN "traceparent" TEXT;

COMMIT;
