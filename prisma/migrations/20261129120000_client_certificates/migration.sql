-- Client certificates of targets (mutual TLS), sealed with their private keys under MASTER_KEY. The sealed values have a table of
-- their own: they are wide, and most targets have none. A target names the version of its certificate, so that publishing and
-- claiming read it with the rest of the row. The new column has no default: no row is rewritten. Processes of the release before
-- insert and update targets without it, and send requests without a certificate.

BEGIN;

SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "webhook_targets" ADD COLUMN "certificate_version" TEXT COLLATE "C";

-- CreateTable
CREATE TABLE "target_certificates" (
    "target_id" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    "sealed" BYTEA NOT NULL,
    "subject" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "serial_number" TEXT NOT NULL,
    "fingerprint_sha256" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "warned_days" INTEGER,

    CONSTRAINT "target_certificates_pkey" PRIMARY KEY ("target_id")
);

-- Certificates that end soon, for the warnings and the metric.
CREATE INDEX "target_certificates_not_after_idx" ON "target_certificates"("not_after");

-- AddForeignKey
ALTER TABLE "target_certificates" ADD CONSTRAINT "target_certificates_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "webhook_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMIT;
