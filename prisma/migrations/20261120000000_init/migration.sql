-- Drafted by Prisma from schema.prisma, then edited by hand where Prisma has no words:
--   * ids are KSUIDs under COLLATE "C": byte order is time order, so the index that finds a row also sorts it;
--   * delivery_changes takes its transaction id and sequence number from Postgres (read in src/live/tail.ts);
--   * events, deliveries and attempts carry no foreign keys: their rows are written together in one transaction, and a
--     foreign key would cost a lookup and a row lock on the parent for each of them.
-- One transaction, like every migration here: a killed process leaves nothing behind (src/database/migrate.ts).

BEGIN;

-- CreateEnum
CREATE TYPE "api_scope" AS ENUM ('TARGETS_READ', 'TARGETS_WRITE', 'EVENTS_READ', 'EVENTS_PUBLISH', 'DELIVERIES_READ', 'DELIVERIES_WRITE', 'API_KEYS_MANAGE', 'PLATFORM_ADMIN');

-- CreateEnum
CREATE TYPE "webhook_target_status" AS ENUM ('ACTIVE', 'PAUSED', 'DISABLED');

-- CreateEnum
CREATE TYPE "delivery_status" AS ENUM ('PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "attempt_outcome" AS ENUM ('DELIVERED', 'HTTP_ERROR', 'TIMEOUT', 'DNS_ERROR', 'CONNECTION_ERROR', 'TLS_ERROR', 'FORBIDDEN_ADDRESS');

-- CreateEnum
CREATE TYPE "attempt_trigger" AS ENUM ('SCHEDULE', 'MANUAL');

-- CreateTable
CREATE TABLE "organizations" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" "api_scope"[] NOT NULL,
    "rate_limit_per_minute" INTEGER,
    "public_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_types" (
    "name" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "schema" JSONB,
    "example" JSONB,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_types_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "webhook_targets" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "url" TEXT NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "global" BOOLEAN NOT NULL,
    "event_types" TEXT[] NOT NULL,
    "customer_ids" TEXT[] NOT NULL,
    "max_concurrency" INTEGER,
    "rate_limit_per_second" INTEGER,
    "status" "webhook_target_status" NOT NULL,
    "disabled_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "target_health" (
    "target_id" TEXT COLLATE "C" NOT NULL,
    "failure_count" INTEGER NOT NULL DEFAULT 0,
    "last_success_at" TIMESTAMPTZ(3),
    "last_failure_at" TIMESTAMPTZ(3),
    "last_failure_reason" TEXT,
    "last_attempt_at" TIMESTAMPTZ(3),

    CONSTRAINT "target_health_pkey" PRIMARY KEY ("target_id")
);

-- CreateTable
CREATE TABLE "target_secrets" (
    "id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "target_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "id" TEXT COLLATE "C" NOT NULL,
    "public_key" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "active" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "events" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT NOT NULL,
    "customer_id" TEXT,
    "body" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" TEXT COLLATE "C" NOT NULL,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "event_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT NOT NULL,
    "status" "delivery_status" NOT NULL,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "schedule_step" INTEGER NOT NULL DEFAULT 0,
    "max_attempts" INTEGER NOT NULL,
    "next_trigger" "attempt_trigger" NOT NULL DEFAULT 'SCHEDULE',
    "next_attempt_at" TIMESTAMPTZ(3),
    "resume_at" TIMESTAMPTZ(3),
    "job_id" UUID,
    "held" BOOLEAN NOT NULL DEFAULT false,
    "released" BOOLEAN NOT NULL DEFAULT false,
    -- Null as long as a delivery goes straight from publish to DELIVERED, as nearly all do: then its one update changes
    -- no indexed column, stays on its page and touches no index (HOT). Set, it is the status, and found by it.
    "indexed_status" "delivery_status" GENERATED ALWAYS AS (CASE
        WHEN "status" IN ('RETRYING', 'FAILED', 'CANCELLED') OR "status" = 'PENDING' AND ("held" OR "released") THEN "status"
    END) STORED,
    "last_attempt_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_attempts" (
    "delivery_id" TEXT COLLATE "C" NOT NULL,
    "number" INTEGER NOT NULL,
    "trigger" "attempt_trigger" NOT NULL,
    "outcome" "attempt_outcome" NOT NULL,
    "response_status" INTEGER,
    "response_headers" TEXT,
    "response_body" TEXT,
    "response_body_truncated" BOOLEAN NOT NULL DEFAULT false,
    "error" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_attempts_pkey" PRIMARY KEY ("delivery_id","number")
);

-- CreateTable
CREATE TABLE "delivery_changes" (
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "seq" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    "organization_id" TEXT COLLATE "C" NOT NULL,
    "delivery_id" TEXT COLLATE "C" NOT NULL,
    "target_id" TEXT COLLATE "C" NOT NULL,
    "event_id" TEXT COLLATE "C" NOT NULL,
    "event_type" TEXT NOT NULL,
    "previous_status" "delivery_status",
    "status" "delivery_status" NOT NULL,
    "attempt_number" INTEGER,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_changes_pkey" PRIMARY KEY ("xid","seq")
);

-- CreateTable
CREATE TABLE "settings" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("name")
);

-- See src/pipeline/pending-floor.ts. A function, and stable, because the planner then knows its value, and that few ids are
-- above it.
CREATE FUNCTION "pending_floor"() RETURNS TEXT STABLE LANGUAGE sql AS $$
    SELECT coalesce((SELECT "value" FROM "settings" WHERE "name" = 'pending_floor'), '')
$$;

-- Indexes. Each is paid for at every write, so each says which query needs it. Of the primary keys: rows are found by their
-- ids everywhere, attempts by delivery and number, changes by (xid, seq), the order of the live stream and its retention.
--
-- NULLS FIRST, although nothing there is null, is the mark of a list. A list is read in an order that its index has and the
-- primary key has not (src/schema/list.ts). Else the planner reads a list by the primary key whenever its owner has a fair
-- share of the table: through everybody's rows, until a page of the owner's is found. For an owner who has been quiet for a
-- week, that is a week of everybody's.

-- Who asks: once per request, unless remembered.
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- The list of an organization's keys.
CREATE INDEX "api_keys_organization_id_id_idx" ON "api_keys"("organization_id", "id");

-- The list of an organization's targets.
CREATE INDEX "webhook_targets_organization_id_id_idx" ON "webhook_targets"("organization_id", "id" NULLS FIRST);

-- Subscriptions of an organization, read at every fan-out. Partial: deleted targets stay for their old deliveries, and an
-- organization may have deleted more than it has.
CREATE INDEX "webhook_targets_subscribed" ON "webhook_targets"("organization_id") WHERE "deleted_at" IS NULL AND "status" <> 'DISABLED';

-- The secrets of the targets of a claim.
CREATE INDEX "target_secrets_target_id_idx" ON "target_secrets"("target_id");

-- No key twice, and exactly one active.
CREATE UNIQUE INDEX "signing_keys_public_key_key" ON "signing_keys"("public_key");
CREATE UNIQUE INDEX "signing_keys_one_active" ON "signing_keys"("active") WHERE "active";

-- The list of events.
CREATE INDEX "events_organization_id_id_idx" ON "events"("organization_id", "id" NULLS FIRST);

-- One event per organization and idempotency key, looked up at publish. Partial: most events carry no key.
CREATE UNIQUE INDEX "events_idempotency_key" ON "events"("organization_id", "idempotency_key") WHERE "idempotency_key" IS NOT NULL;

-- The list of an event's deliveries, by which retention finds them too.
CREATE INDEX "deliveries_event_id_id_idx" ON "deliveries"("event_id", "id" NULLS FIRST);

-- The lists of an organization's and of a target's deliveries, in two halves that are read together. A list of DELIVERED
-- ones, or of PENDING ones since the pending floor (src/pipeline/pending-floor.ts), reads the straight half alone: however
-- many have failed or wait there is no walking over them. A row is in one half only, so the halves cost what a whole would.
CREATE INDEX "deliveries_of_organization_straight" ON "deliveries"("organization_id", "id" NULLS FIRST) WHERE "indexed_status" IS NULL;
CREATE INDEX "deliveries_of_organization_aside" ON "deliveries"("organization_id", "id" NULLS FIRST) WHERE "indexed_status" IS NOT NULL;
CREATE INDEX "deliveries_of_target_straight" ON "deliveries"("target_id", "id" NULLS FIRST) WHERE "indexed_status" IS NULL;
CREATE INDEX "deliveries_of_target_aside" ON "deliveries"("target_id", "id" NULLS FIRST) WHERE "indexed_status" IS NOT NULL;

-- The same lists filtered by another status, and the open deliveries of a target that is deleted.
CREATE INDEX "deliveries_of_organization_by_status" ON "deliveries"("organization_id", "indexed_status", "id" NULLS FIRST) WHERE "indexed_status" IS NOT NULL;
CREATE INDEX "deliveries_of_target_by_status" ON "deliveries"("target_id", "indexed_status", "id" NULLS FIRST) WHERE "indexed_status" IS NOT NULL;

-- Deliveries that wait for their target: released in order when it has room again.
CREATE INDEX "deliveries_held" ON "deliveries"("target_id", "id") WHERE "held";

-- A subscriber that was away reads its organization's changes. In the primary key it would read everybody's.
CREATE INDEX "delivery_changes_organization_id_xid_seq_idx" ON "delivery_changes"("organization_id", "xid" NULLS FIRST, "seq" NULLS FIRST);

-- Room on the page for the new version of a row that is updated: a delivery once as a rule, a target's health always.
ALTER TABLE "deliveries" SET (fillfactor = 70);
ALTER TABLE "target_health" SET (fillfactor = 50);

-- Vacuum and statistics after 5 % of the rows instead of 20 % and 10 %: retention deletes from these tables all the time, and
-- gets by with that much room. Rows that are over never change again, so the first vacuum that sees them freezes them,
-- and the ones against wraparound find nothing to do.
ALTER TABLE "events" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);
ALTER TABLE "deliveries" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);
ALTER TABLE "delivery_attempts" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);
ALTER TABLE "delivery_changes" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_freeze_min_age = 0);

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_targets" ADD CONSTRAINT "webhook_targets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target_health" ADD CONSTRAINT "target_health_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "webhook_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target_secrets" ADD CONSTRAINT "target_secrets_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "webhook_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMIT;
