-- An id for each event type, so that the query `node` finds it and the caches of clients go by it. The catalog is small: its
-- rows are written once, and publishing waits for milliseconds.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- Makes a KSUID of the time as src/domain/ksuid.ts does: seconds since 1,400,000,000, milliseconds (10 bits), 6 zeros, 96 bits that
-- are random, 16 zeros. In SQL, because processes of the release before insert event types without an id.
CREATE FUNCTION "event_type_id"("at" TIMESTAMPTZ) RETURNS TEXT VOLATILE LANGUAGE sql SET search_path = pg_catalog AS $$
    WITH RECURSIVE
    moment AS (SELECT greatest(floor(extract(epoch FROM "at") * 1000)::BIGINT - 1400000000000, 0) AS ms),
    random AS (SELECT replace(gen_random_uuid()::TEXT, '-', '') AS hex),
    number AS (
        SELECT (((ms / 1000 * 1024 + ms % 1000) * 64)::NUMERIC * 281474976710656
            + ('x' || substr(hex, 1, 12))::BIT(48)::BIGINT) * 281474976710656
            + ('x' || substr(hex, 13, 12))::BIT(48)::BIGINT AS bits
        FROM moment, random),
    digits AS (
        SELECT bits * 65536 AS rest, '' AS id FROM number
        UNION ALL
        SELECT div(rest, 62),
            substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (rest % 62)::INT + 1, 1) || id
        FROM digits WHERE length(id) < 27)
    SELECT id FROM digits WHERE length(id) = 27
$$;

-- AlterTable
ALTER TABLE "event_types" ADD COLUMN "id" TEXT;
UPDATE "event_types" SET "id" = "event_type_id"("created_at");
ALTER TABLE "event_types" ALTER COLUMN "id" SET NOT NULL, ALTER COLUMN "id" SET DEFAULT "event_type_id"(now());

-- Two types never get one id, and `node` finds a type by it.
CREATE UNIQUE INDEX "event_types_id_key" ON "event_types"("id");

COMMIT;
