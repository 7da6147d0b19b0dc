-- Who changed what: one row for each change of a target, a secret, an API key, an event type, an organization or a signing
-- key, written in the transaction of the change (src/manage/audit.ts, src/pipeline/health-sql.ts).
--
-- No foreign keys: a row outlives what it is about, and must never keep that from being deleted. The name of the API key
-- stands in the row for the same reason. A process of the release before writes no rows, and everything else works.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- CreateTable
CREATE TABLE "audit_log" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C",
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "api_key_id" TEXT COLLATE "C",
    "api_key_name" TEXT,
    "api_key_organization_id" TEXT COLLATE "C",
    "operation" TEXT COLLATE "C" NOT NULL,
    "subject_type" TEXT NOT NULL,
    "subject_id" TEXT COLLATE "C",
    "before" JSON,
    "after" JSON,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- Indexes. The primary key is the log of the whole deployment, which PLATFORM_ADMIN reads, and what retention deletes along:
-- ids are times. The others are the log of an organization, and the filters that match few rows of many.
CREATE INDEX "audit_log_organization_id_id_idx" ON "audit_log"("organization_id", "id");
CREATE INDEX "audit_log_organization_id_operation_id_idx" ON "audit_log"("organization_id", "operation", "id");
CREATE INDEX "audit_log_subject_id_id_idx" ON "audit_log"("subject_id", "id");
CREATE INDEX "audit_log_api_key_id_id_idx" ON "audit_log"("api_key_id", "id");

COMMIT;
