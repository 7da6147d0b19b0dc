-- The window of each API key with a rate limit that was used lately (src/access/rate-limit.ts).
--
-- UNLOGGED: nothing is written ahead and nothing flushed, so a count costs a fraction of a durable write. After a crash of
-- Postgres, or on a standby that takes over, the table is empty: each key begins a new window, and may pass once more in
-- that minute what it has passed already.
--
-- No foreign key, which would read and lock the key's row. The window of a key that is gone is deleted like any other. The
-- primary key finds a window. No other index: the table holds a row for each key of the last hour, and one on "started_at"
-- would end the updates in place.

BEGIN;

-- CreateTable
CREATE UNLOGGED TABLE "rate_limit_windows" (
    "api_key_id" TEXT COLLATE "C" NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "used" INTEGER NOT NULL,

    CONSTRAINT "rate_limit_windows_pkey" PRIMARY KEY ("api_key_id")
);

-- Room on the page for the new version of a row, which is updated many times a second.
ALTER TABLE "rate_limit_windows" SET (fillfactor = 50);

COMMIT;
