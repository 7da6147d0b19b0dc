-- An outcome for attempts that failed by a fault of the egress proxy. No row is touched. Processes of the release before never
-- write it, and cannot show it: set EGRESS_PROXY when none of them runs any more.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterEnum
ALTER TYPE "attempt_outcome" ADD VALUE 'PROXY_ERROR';

COMMIT;
