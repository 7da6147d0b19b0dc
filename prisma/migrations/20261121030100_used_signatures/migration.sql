-- Signatures of requests that were accepted, for as long as they would be (src/access/signatures.ts). Logged, unlike the
-- windows of rate limits: after a crash no signature may be accepted again.
--
-- The primary key is the check itself: of two requests with one signature, one inserts it. The index is for the caretaker
-- that deletes what has expired (src/access/forget.ts), which would else read all of ten busy minutes, every minute.

BEGIN;

-- CreateTable
CREATE TABLE "used_signatures" (
    "signature" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_signatures_pkey" PRIMARY KEY ("signature")
);

-- CreateIndex
CREATE INDEX "used_signatures_expires_at_idx" ON "used_signatures"("expires_at");

COMMIT;
