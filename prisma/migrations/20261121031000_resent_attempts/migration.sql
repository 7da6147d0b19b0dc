BEGIN;

-- A constant default: the rows that are there are not rewritten.
ALTER TABLE "delivery_attempts" ADD COLUMN "resent" BOOLEAN NOT NULL DEFAULT false;

COMMIT;
