-- Which worker process sends to a target that has limits of its own. New tables: no row of another one is touched, and workers
-- of the release before go on as they did.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- CreateTable
CREATE TABLE "lease_terms" (
    "id" UUID NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "is_over" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "lease_terms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "target_leases" (
    "target_id" TEXT NOT NULL,
    "term_id" UUID,
    "taken_from" UUID,
    "free_from" TIMESTAMPTZ(3),

    CONSTRAINT "target_leases_pkey" PRIMARY KEY ("target_id")
);

-- CreateIndex
CREATE INDEX "target_leases_term_id_idx" ON "target_leases"("term_id");

COMMIT;
