-- What the request of an attempt was: a column of some 74 bytes, and a table with a row for each version of a target's URL and own
-- headers (src/pipeline/deliver/settle/record-destinations.ts).
--
-- The column may be null, so no row is touched. Processes of the release before insert attempts without it: of those nobody knows
-- the request.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "delivery_attempts" ADD COLUMN "request" TEXT;

-- CreateTable
CREATE TABLE "target_destinations" (
    "target_id" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "url" TEXT NOT NULL,
    "sealed_headers" BYTEA,
    "brand" TEXT NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "target_destinations_pkey" PRIMARY KEY ("target_id", "id")
);

-- What retention deletes.
CREATE INDEX "target_destinations_last_used_at_idx" ON "target_destinations"("last_used_at");

COMMIT;
