-- Order: deliveries of a target that asks for it wait for the ones before them (src/pipeline/README.md, "Order").
--
-- New columns are nullable or have a constant default, so no row is touched. Processes of the release before go on inserting and
-- ending deliveries without them, and release nobody. So no target may ask for order before `ordering_from`, a day after the
-- upgrade. A new database has no such row.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- CreateEnum
CREATE TYPE "delivery_ordering" AS ENUM ('NONE', 'KEY', 'TARGET');
CREATE TYPE "order_after_failure" AS ENUM ('SKIP', 'HOLD');

-- AlterTable
ALTER TABLE "events" ADD COLUMN "ordering_key" TEXT;
ALTER TABLE "deliveries" ADD COLUMN "ordered" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "webhook_targets" ADD COLUMN "ordering" "delivery_ordering" NOT NULL DEFAULT 'NONE',
    ADD COLUMN "after_failure" "order_after_failure" NOT NULL DEFAULT 'SKIP';

-- The places of deliveries in their chains, until they end. A table, because an index on the large table of deliveries would
-- stop publishing while it is built, and would be paid for by every delivery.
CREATE TABLE "ordered_deliveries" (
    "delivery_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "chain" BIGINT NOT NULL,
    "place" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "lock_number" BIGINT NOT NULL,

    CONSTRAINT "ordered_deliveries_pkey" PRIMARY KEY ("delivery_id")
);

-- Who is next in a chain.
CREATE UNIQUE INDEX "ordered_deliveries_target_id_chain_place_key" ON "ordered_deliveries"("target_id", "chain", "place");

-- Rows come and go: vacuum returns their room soon.
ALTER TABLE "ordered_deliveries" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

INSERT INTO "settings" ("name", "value")
SELECT 'ordering_from', to_char((now() + interval '1 day') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
WHERE EXISTS (SELECT FROM "organizations")
ON CONFLICT ("name") DO NOTHING;

COMMIT;
