-- The platform's own id of an organization: a second name by which the API takes it.
--
-- Processes of the release before go on inserting organizations without the new column: null is none. The table has a row for
-- each customer of the platform, so its index takes milliseconds.

BEGIN;
SET LOCAL lock_timeout = '3s';

ALTER TABLE "organizations" ADD COLUMN "external_id" TEXT COLLATE "C";

-- No external id twice, and each is looked up by it.
CREATE UNIQUE INDEX "organizations_external_id_key" ON "organizations"("external_id");

COMMIT;
