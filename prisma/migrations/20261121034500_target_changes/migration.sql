-- The history of webhook targets' status changes, like delivery_changes, and what disabling a failing target is judged by.

BEGIN;

-- AlterTable
ALTER TABLE "target_health" ADD COLUMN "failing_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "target_changes" (
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "seq" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "previous_status" "webhook_target_status",
    "status" "webhook_target_status",
    "reason" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "target_changes_pkey" PRIMARY KEY ("xid","seq")
);

-- A subscriber that was away reads its organization's changes. In the primary key, by which the stream and retention read,
-- it would read everybody's.
CREATE INDEX "target_changes_organization_id_xid_seq_idx" ON "target_changes"("organization_id", "xid" NULLS FIRST, "seq" NULLS FIRST);

COMMIT;
