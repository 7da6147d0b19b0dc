-- What was answered to requests with an idempotency key, for 24 hours: src/database/idempotency.ts. The rows name their API
-- key without a foreign key: it would cost each of them a lookup and a lock on a row that is never deleted.

BEGIN;

-- CreateTable
CREATE TABLE "idempotency_requests" (
    "id" TEXT COLLATE "C" NOT NULL,
    "api_key_id" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "hash" BYTEA NOT NULL,
    "runner" UUID NOT NULL,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL,
    "response" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_effects" (
    "request_id" TEXT COLLATE "C" NOT NULL,
    "field" BYTEA NOT NULL,
    "result" BYTEA NOT NULL,

    CONSTRAINT "idempotency_effects_pkey" PRIMARY KEY ("request_id", "field")
);

-- Indexes. Of the primary keys: a request is answered by its id, which is a time, so retention deletes along it, and what a
-- request did is found by the request.

-- One request per API key and idempotency key, looked up by every request that has one.
CREATE UNIQUE INDEX "idempotency_requests_api_key_id_key_key" ON "idempotency_requests"("api_key_id", "key");

-- Room on the page for the answer, which comes a moment after the row, and no index changes with it.
ALTER TABLE "idempotency_requests" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- AddForeignKey
ALTER TABLE "idempotency_effects" ADD CONSTRAINT "idempotency_effects_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "idempotency_requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMIT;
