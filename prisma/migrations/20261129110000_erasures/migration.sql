-- Erasures: the data is taken out of events that stay listed (src/pipeline/erasure), and organizations are deleted.
--
-- New columns may be null, so no row is touched. Processes of the release before insert without them. They know nothing of
-- erasures: the API that asks for one comes with this release. The index by which the events of a customer are found is built
-- beside publishing: src/database/migrate/late-indexes.ts.

BEGIN;

SET LOCAL lock_timeout = '3s';

ALTER TYPE "api_scope" ADD VALUE 'EVENTS_ERASE';

-- When the data of an event was erased. Its body is empty then.
ALTER TABLE "events" ADD COLUMN "erased_at" TIMESTAMPTZ(3);

-- PostgreSQL keeps samples of columns as statistics: an erasure would not reach them. No plan needs those of these columns. To
-- give a column the type that it has drops the samples and writes no row.
ALTER TABLE "events" ALTER COLUMN "body" TYPE TEXT, ALTER COLUMN "body" SET STATISTICS 0;
ALTER TABLE "delivery_attempts"
    ALTER COLUMN "response_headers" TYPE TEXT, ALTER COLUMN "response_headers" SET STATISTICS 0,
    ALTER COLUMN "response_body" TYPE TEXT, ALTER COLUMN "response_body" SET STATISTICS 0,
    ALTER COLUMN "error" TYPE TEXT, ALTER COLUMN "error" SET STATISTICS 0;

-- The same for idempotency keys. Samples of events that were taken before this release stay until PostgreSQL 18's
-- pg_clear_attribute_stats removes them: to give that column its type would build its partial index anew.
ALTER TABLE "events" ALTER COLUMN "idempotency_key" SET STATISTICS 0;
ALTER TABLE "idempotency_requests" ALTER COLUMN "key" SET STATISTICS 0;

-- And for the lists of tags. The samples of single tags stay, because the lists by tag need them to read in their order. An
-- erasure has them taken anew at its end.
ALTER TABLE "events" ALTER COLUMN "tags" SET STATISTICS 0;
ALTER TABLE "event_tags" ALTER COLUMN "tags" SET STATISTICS 0;

-- As in events: the row of an erased event stays for some seconds (src/pipeline/erasure/erase-events.ts).
ALTER TABLE "event_tags" ADD COLUMN "erased_at" TIMESTAMPTZ(3);

-- When deleteOrganization was called. The row goes last.
ALTER TABLE "organizations" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

-- The events that a request has published, or whose data its answer shows. Null: none.
ALTER TABLE "idempotency_requests" ADD COLUMN "event_ids" TEXT[];

-- What an erasure looks for. Partial: most answers show no event.
CREATE INDEX "idempotency_requests_event_ids_idx" ON "idempotency_requests" USING GIN ("event_ids") WHERE "event_ids" IS NOT NULL;

-- CreateEnum
CREATE TYPE "erasure_status" AS ENUM ('RUNNING', 'COMPLETED');

-- CreateTable
CREATE TABLE "erasures" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "status" "erasure_status" NOT NULL,
    "event_id" TEXT COLLATE "C",
    "customer_id" TEXT,
    "tag" TEXT COLLATE "C",
    "before" TIMESTAMPTZ(3) NOT NULL,
    "event_count" INTEGER NOT NULL DEFAULT 0,
    "cancelled_count" INTEGER NOT NULL DEFAULT 0,
    "position" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "runner" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("id")
);

-- The list of an organization. NULLS FIRST is the mark of a list: see the first migration.
CREATE INDEX "erasures_organization_id_id_idx" ON "erasures"("organization_id", "id" NULLS FIRST);

-- Workers look for erasures in it.
CREATE INDEX "erasures_running" ON "erasures"("id") WHERE "completed_at" IS NULL;

-- A row is updated with every step while it runs, and no index changes with it.
ALTER TABLE "erasures" SET (fillfactor = 50);

-- Keys of the hashes that stay in place of idempotency keys, sealed under MASTER_KEY: src/database/key-hash.ts.
CREATE TABLE "hash_keys" (
    "name" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "hash_keys_pkey" PRIMARY KEY ("name")
);

COMMIT;
