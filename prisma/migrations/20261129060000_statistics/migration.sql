-- Statistics of attempts: how they are counted is in src/pipeline/upkeep/statistics. New tables, and columns of delivery_changes
-- that may be null, so no row is touched. Processes of the release before leave the columns null.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- What the attempt of a change was. So it is counted from the change alone, without a look at the attempt, and counted right
-- when the attempt is corrected later. Null: no attempt caused the change, or a process of the release before recorded it.
ALTER TABLE "delivery_changes"
    ADD COLUMN "trigger" "attempt_trigger",
    ADD COLUMN "outcome" "attempt_outcome",
    ADD COLUMN "duration_ms" INTEGER,
    ADD COLUMN "latency_ms" INTEGER,
    ADD COLUMN "response_status" SMALLINT;

-- Attempts that no change tells of. A row lives until it is counted.
CREATE TABLE "uncounted_attempts" (
    "id" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "weight" INTEGER NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT COLLATE "C" NOT NULL,
    "attempt_number" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "trigger" "attempt_trigger" NOT NULL,
    "outcome" "attempt_outcome" NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "latency_ms" INTEGER,
    "response_status" SMALLINT,

    CONSTRAINT "uncounted_attempts_pkey" PRIMARY KEY ("id")
);

-- How far delivery_changes is counted. Two rows at most: "live" goes on for ever, "history" ends where "live" began.
CREATE TABLE "statistics_progress" (
    "part" TEXT NOT NULL,
    "xid" xid8 NOT NULL,
    "seq" BIGINT NOT NULL,
    "until_xid" xid8,
    "until_seq" BIGINT,

    CONSTRAINT "statistics_progress_pkey" PRIMARY KEY ("part")
);

-- Counts of the last seconds, by minute, target and event type: only ever inserted, then merged into delivery_statistics.
CREATE TABLE "fresh_statistics" (
    "id" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT COLLATE "C" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" BIGINT NOT NULL,
    "delivered" BIGINT NOT NULL,
    "retries" BIGINT NOT NULL,
    "manual" BIGINT NOT NULL,
    "exhausted" BIGINT NOT NULL,
    "outcomes" JSON NOT NULL,
    "durations" JSON NOT NULL,
    "latencies" JSON NOT NULL,

    CONSTRAINT "fresh_statistics_pkey" PRIMARY KEY ("id")
);

-- What an organization is shown of them, and the order in which they are merged.
CREATE INDEX "fresh_statistics_organization_id_target_id_event_type_idx" ON "fresh_statistics"("organization_id", "target_id", "event_type");

-- Counts of a minute, an hour and a day. An empty target_id or event_type: of all targets, of all event types.
CREATE TABLE "delivery_statistics" (
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "step_seconds" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT COLLATE "C" NOT NULL,
    "attempts" BIGINT NOT NULL,
    "delivered" BIGINT NOT NULL,
    "retries" BIGINT NOT NULL,
    "manual" BIGINT NOT NULL,
    "exhausted" BIGINT NOT NULL,
    "outcomes" JSON NOT NULL,
    "durations" JSON NOT NULL,
    "latencies" JSON NOT NULL,

    -- The time last: the steps of a target lie side by side.
    CONSTRAINT "delivery_statistics_pkey" PRIMARY KEY ("organization_id", "step_seconds", "target_id", "event_type", "at")
);

-- What is too old to be kept.
CREATE INDEX "delivery_statistics_step_seconds_at_idx" ON "delivery_statistics"("step_seconds", "at");

-- Room on the page for the new version of a row: the rows of the present minute, hour and day are updated again and again.
ALTER TABLE "delivery_statistics" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- They empty all the time.
ALTER TABLE "fresh_statistics" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

COMMIT;
