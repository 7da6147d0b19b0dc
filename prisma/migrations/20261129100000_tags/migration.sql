-- Tags of events, and the lists of events and deliveries by tag. A column that may be null, and new tables: no row is touched, and
-- an event without tags writes no row of them. Processes of the release before publish events without tags, and add no delivery
-- to an event later.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- In the order in which they were given. Null: none.
ALTER TABLE "events" ADD COLUMN "tags" TEXT[];

-- An event for each of its tags: with the columns that lists show and filter by, so that a page by tag is as near together as any
-- page of events.
CREATE TABLE "event_tags" (
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "tag" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT NOT NULL,
    "customer_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "tags" TEXT[] NOT NULL,

    -- The list of events by tag.
    CONSTRAINT "event_tags_pkey" PRIMARY KEY ("organization_id", "tag", "id")
);

-- A delivery for each tag of its event.
CREATE TABLE "delivery_tags" (
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "tag" TEXT COLLATE "C" NOT NULL,
    "delivery_id" TEXT COLLATE "C" NOT NULL,

    -- The list of deliveries by tag.
    CONSTRAINT "delivery_tags_pkey" PRIMARY KEY ("organization_id", "tag", "delivery_id")
);

-- As for events and deliveries: rows are inserted and deleted all the time, and never updated.
ALTER TABLE "event_tags" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);
ALTER TABLE "delivery_tags" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);

COMMIT;
