-- The history of published events, like delivery_changes: what the stream of events is read from. A new table: no row of
-- events is touched. Processes of the release before add no rows to it: src/pipeline/upkeep/adopt-events.ts does it for them.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- CreateTable
CREATE TABLE "event_changes" (
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "seq" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "event_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT NOT NULL,
    "customer_id" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_changes_pkey" PRIMARY KEY ("xid","seq")
);

-- A subscriber that was away reads its organization's changes. In the primary key, by which the stream and retention read,
-- it would read everybody's.
CREATE INDEX "event_changes_organization_id_xid_seq_idx" ON "event_changes"("organization_id", "xid" NULLS FIRST, "seq" NULLS FIRST);

-- As for delivery_changes: a row for each event, deleted in the order of the rows.
ALTER TABLE "event_changes" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);

-- Where the release before has run, events are older than their history: it begins now. An empty database has no such time.
INSERT INTO "settings" ("name", "value")
SELECT 'event_stream_since', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
WHERE EXISTS (SELECT FROM "settings" WHERE "name" = 'stream_epoch');

COMMIT;
