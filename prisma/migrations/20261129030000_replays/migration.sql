-- Replays: what was published in a range of time is sent again, or failed deliveries are retried (src/pipeline/replay).
--
-- New columns of large tables are nullable or have a constant default, so no row is rewritten. Processes of the release before
-- go on inserting rows without them.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- An event of sendTestEvent: it was meant for one target, and no replay gives it to another one. The release before does not
-- mark its test events.
ALTER TABLE "events" ADD COLUMN "is_test" BOOLEAN NOT NULL DEFAULT false;

-- The replay that made a delivery. Null: publishing made it.
ALTER TABLE "deliveries" ADD COLUMN "replay_id" TEXT COLLATE "C";

-- CreateEnum
CREATE TYPE "replay_mode" AS ENUM ('FAILED', 'MISSED', 'ALL');
CREATE TYPE "replay_status" AS ENUM ('RUNNING', 'WAITING', 'COMPLETED', 'CANCELLED', 'HALTED');

-- CreateTable
CREATE TABLE "replays" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C",
    "mode" "replay_mode" NOT NULL,
    "status" "replay_status" NOT NULL,
    "published_from" TIMESTAMPTZ(3) NOT NULL,
    "published_until" TIMESTAMPTZ(3) NOT NULL,
    "event_types" TEXT[] NOT NULL,
    "customer_id" TEXT,
    "rate_per_second" INTEGER NOT NULL,
    "replayed_count" INTEGER NOT NULL DEFAULT 0,
    "skipped_count" INTEGER NOT NULL DEFAULT 0,
    "position" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "position_at" TIMESTAMPTZ(3),
    "paced_until_ms" DOUBLE PRECISION NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL,
    "told_count" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "runner" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "replays_pkey" PRIMARY KEY ("id")
);

-- At most one replay of a target runs, and at most one of all targets of an organization. Workers look for replays in it.
CREATE UNIQUE INDEX "replays_one_runs" ON "replays"("organization_id", (COALESCE("target_id", ''))) WHERE "ended_at" IS NULL;

-- The lists of an organization and of a target. NULLS FIRST is the mark of a list: see the first migration.
CREATE INDEX "replays_organization_id_id_idx" ON "replays"("organization_id", "id" NULLS FIRST);
CREATE INDEX "replays_target_id_id_idx" ON "replays"("target_id", "id" NULLS FIRST);

-- What retention deletes.
CREATE INDEX "replays_ended_at_idx" ON "replays"("ended_at") WHERE "ended_at" IS NOT NULL;

-- A row is updated ten times a second while it runs, and no index changes with it.
ALTER TABLE "replays" SET (fillfactor = 50);

-- What each replay made or retried: a delivery may be retried by several. A table, because an index on the large table of
-- deliveries would stop publishing while it is built.
CREATE TABLE "replay_deliveries" (
    "replay_id" TEXT COLLATE "C" NOT NULL,
    "delivery_id" TEXT COLLATE "C" NOT NULL
);

-- The list of a replay's deliveries.
CREATE UNIQUE INDEX "replay_deliveries_replay_id_delivery_id_key" ON "replay_deliveries"("replay_id", "delivery_id" NULLS FIRST);

-- CreateTable
CREATE TABLE "replay_changes" (
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "seq" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "replay_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C",
    "status" "replay_status" NOT NULL,
    "replayed_count" INTEGER NOT NULL,
    "skipped_count" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "replay_changes_pkey" PRIMARY KEY ("xid","seq")
);

-- A subscriber that was away reads its organization's changes. In the primary key, by which the stream and retention read,
-- it would read everybody's.
CREATE INDEX "replay_changes_organization_id_xid_seq_idx" ON "replay_changes"("organization_id", "xid" NULLS FIRST, "seq" NULLS FIRST);

COMMIT;
