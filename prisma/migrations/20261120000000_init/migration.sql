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

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_organization_id_id_idx" ON "api_keys"("organization_id", "id");

-- CreateIndex
CREATE INDEX "webhook_targets_organization_id_id_idx" ON "webhook_targets"("organization_id", "id");

-- CreateIndex
CREATE INDEX "target_secrets_target_id_idx" ON "target_secrets"("target_id");

-- CreateIndex
CREATE UNIQUE INDEX "signing_keys_public_key_key" ON "signing_keys"("public_key");

-- CreateIndex
CREATE INDEX "events_organization_id_id_idx" ON "events"("organization_id", "id");

-- CreateIndex
CREATE INDEX "deliveries_organization_id_id_idx" ON "deliveries"("organization_id", "id");

-- CreateIndex
CREATE INDEX "deliveries_target_id_id_idx" ON "deliveries"("target_id", "id");

-- CreateIndex
CREATE INDEX "deliveries_event_id_id_idx" ON "deliveries"("event_id", "id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_targets" ADD CONSTRAINT "webhook_targets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target_health" ADD CONSTRAINT "target_health_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "webhook_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target_secrets" ADD CONSTRAINT "target_secrets_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "webhook_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot express: partial indexes.

-- One event per organization and idempotency key. Partial: most events carry no key.
CREATE UNIQUE INDEX "events_idempotency_key" ON "events"("organization_id", "idempotency_key") WHERE "idempotency_key" IS NOT NULL;

-- Lists filtered by status. Delivered rows, nearly all of them, are found through the list index instead.
CREATE INDEX "deliveries_undelivered" ON "deliveries"("organization_id", "status", "id") WHERE "status" <> 'DELIVERED';

-- Deliveries that wait for their target: released in order when it has room again.
CREATE INDEX "deliveries_held" ON "deliveries"("target_id", "id") WHERE "held";

-- Subscriptions of an organization, read at every fan-out.
CREATE INDEX "webhook_targets_subscribed" ON "webhook_targets"("organization_id") WHERE "deleted_at" IS NULL AND "status" <> 'DISABLED';

-- Exactly one active signing key.
CREATE UNIQUE INDEX "signing_keys_one_active" ON "signing_keys"("active") WHERE "active";

COMMIT;
