-- The state of a signing key follows from its dates, so that a rotation is one transaction and nothing has to happen
-- at the right moment later.

BEGIN;

ALTER TABLE "signing_keys"
    ADD COLUMN "published_at" TIMESTAMPTZ(3),
    ADD COLUMN "active_at" TIMESTAMPTZ(3),
    ADD COLUMN "retired_at" TIMESTAMPTZ(3);

UPDATE "signing_keys"
   SET "published_at" = "created_at", "active_at" = "created_at",
       "retired_at" = CASE WHEN "active" THEN NULL ELSE "created_at" END;

ALTER TABLE "signing_keys"
    ALTER COLUMN "published_at" SET NOT NULL,
    ALTER COLUMN "active_at" SET NOT NULL,
    DROP COLUMN "active";

-- No two keys are active at once, now or at any time to come. It also lets one of several starting processes make the
-- first key.
ALTER TABLE "signing_keys"
    ADD CONSTRAINT "signing_keys_one_active" EXCLUDE USING gist (tstzrange("active_at", "retired_at") WITH &&);

COMMIT;
