-- What the service has told of a target by events of its own (src/pipeline/deliver/settle/health-sql.ts), so that it tells each thing
-- once, and not more than once an hour. Columns with constant defaults: no row is rewritten, and workers of the release before
-- go on as they did.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "target_health"
ADD COLUMN "is_told_failing" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "told_failing_at" TIMESTAMPTZ(3),
ADD COLUMN "exhausted_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "told_exhausted_at" TIMESTAMPTZ(3);

-- Ends a transaction that causes events which are not in it. The worker makes it again, and publishes them. So a transaction
-- that causes none needs no look at what it causes, and travels in one round trip. `\x3b` is a semicolon: Prisma would end the
-- statement at a plain one.
CREATE FUNCTION "raise_untold"() RETURNS JSON VOLATILE LANGUAGE plpgsql SET search_path = pg_catalog AS E'
BEGIN
    RAISE EXCEPTION \'service events are due: the worker makes this transaction again, with them\' USING ERRCODE = \'HC001\'\x3b
END
';

COMMIT;
