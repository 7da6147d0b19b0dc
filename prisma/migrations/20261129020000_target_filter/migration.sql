-- What a target wants to receive, by the body of an event, and how many targets an event was not for. Columns that may be null:
-- no row is touched. Processes of the release before insert without them, and send every target what its lists let through.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "events" ADD COLUMN "filtered_count" INTEGER;

-- AlterTable: json, because jsonb would sort the fields and write the numbers anew.
ALTER TABLE "webhook_targets" ADD COLUMN "filter" JSON, ADD COLUMN "filter_version" UUID;

COMMIT;
