-- How many API keys and webhook targets one organization may have, where it is not what MAX_API_KEYS and MAX_TARGETS say.
--
-- Processes of the release before go on inserting organizations without the new columns: null is the deployment's default. They
-- do not know the columns, and count by their settings until they are replaced.

BEGIN;
SET LOCAL lock_timeout = '3s';

ALTER TABLE "organizations" ADD COLUMN "max_api_keys" INTEGER, ADD COLUMN "max_targets" INTEGER;

COMMIT;
