SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA pgboss;

CREATE TYPE pgboss.job_state AS ENUM (
    'created',
    'retry',
    'active',
    'completed',
    'cancelled',
    'failed'
);

CREATE TYPE public.api_scope AS ENUM (
    'TARGETS_READ',
    'TARGETS_WRITE',
    'EVENTS_READ',
    'EVENTS_PUBLISH',
    'DELIVERIES_READ',
    'DELIVERIES_WRITE',
    'API_KEYS_MANAGE',
    'PLATFORM_ADMIN'
);

CREATE TYPE public.attempt_outcome AS ENUM (
    'DELIVERED',
    'HTTP_ERROR',
    'TIMEOUT',
    'DNS_ERROR',
    'CONNECTION_ERROR',
    'TLS_ERROR',
    'FORBIDDEN_ADDRESS'
);

CREATE TYPE public.attempt_trigger AS ENUM (
    'SCHEDULE',
    'MANUAL'
);

CREATE TYPE public.delivery_status AS ENUM (
    'PENDING',
    'RETRYING',
    'DELIVERED',
    'FAILED',
    'CANCELLED'
);

CREATE TYPE public.webhook_target_status AS ENUM (
    'ACTIVE',
    'PAUSED',
    'DISABLED'
);

CREATE FUNCTION pgboss.create_queue(queue_name text, options jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $_$
    DECLARE
      tablename varchar := CASE WHEN options->>'partition' = 'true'
                            THEN 'j' || encode(sha224(queue_name::bytea), 'hex')
                            ELSE 'job_common'
                            END;
      queue_created_on timestamptz;
    BEGIN

      WITH q as (
        INSERT INTO pgboss.queue (
          name,
          policy,
          retry_limit,
          retry_delay,
          retry_backoff,
          retry_delay_max,
          expire_seconds,
          retention_seconds,
          deletion_seconds,
          warning_queued,
          dead_letter,
          partition,
          table_name,
          heartbeat_seconds,
          notify,
          created_on,
          updated_on
        )
        VALUES (
          queue_name,
          options->>'policy',
          COALESCE((options->>'retryLimit')::int, 2),
          COALESCE((options->>'retryDelay')::int, 0),
          COALESCE((options->>'retryBackoff')::bool, false),
          (options->>'retryDelayMax')::int,
          COALESCE((options->>'expireInSeconds')::int, 900),
          COALESCE((options->>'retentionSeconds')::int, 1209600),
          COALESCE((options->>'deleteAfterSeconds')::int, 604800),
          COALESCE((options->>'warningQueueSize')::int, 0),
          options->>'deadLetter',
          COALESCE((options->>'partition')::bool, false),
          tablename,
          (options->>'heartbeatSeconds')::int,
          COALESCE((options->>'notify')::bool, false),
          pgboss.job_now(),
          pgboss.job_now()
        )
        ON CONFLICT DO NOTHING
        RETURNING created_on
      )
      SELECT created_on into queue_created_on from q;

      IF queue_created_on IS NULL OR options->>'partition' IS DISTINCT FROM 'true' THEN
        RETURN;
      END IF;

      EXECUTE format('CREATE TABLE pgboss.%I (LIKE pgboss.job INCLUDING DEFAULTS)', tablename);

      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id)$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);

      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i11 ON pgboss.job (name, priority DESC, created_on, start_after) WHERE state < 'active' AND NOT blocked$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i4 ON pgboss.job (name, singleton_on, COALESCE(singleton_key, '')) WHERE state <> 'cancelled' AND singleton_on IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i7 ON pgboss.job (name, group_id) WHERE state = 'active' AND group_id IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i9 ON pgboss.job (name, id) WHERE blocking AND state = 'completed'$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i12 ON pgboss.job (source_root_id) WHERE source_root_id IS NOT NULL$cmd$, tablename);

      IF options->>'policy' = 'short' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i1 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'created' AND policy = 'short'$cmd$, tablename);
      ELSIF options->>'policy' = 'singleton' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i2 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'active' AND policy = 'singleton'$cmd$, tablename);
      ELSIF options->>'policy' = 'stately' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i3 ON pgboss.job (name, state, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'stately'$cmd$, tablename);
      ELSIF options->>'policy' = 'exclusive' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i6 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'exclusive'$cmd$, tablename);
      ELSIF options->>'policy' = 'key_strict_fifo' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i8 ON pgboss.job (name, singleton_key) WHERE state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i10 ON pgboss.job (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK (NOT (policy = 'key_strict_fifo' AND singleton_key IS NULL))$cmd$, tablename);
      END IF;

      EXECUTE format('ALTER TABLE pgboss.%I ADD CONSTRAINT cjc CHECK (name=%L)', tablename, queue_name);
      EXECUTE format('ALTER TABLE pgboss.job ATTACH PARTITION pgboss.%I FOR VALUES IN (%L)', tablename, queue_name);
    END;
    $_$;

CREATE FUNCTION pgboss.delete_queue(queue_name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
      v_table varchar;
      v_partition bool;
    BEGIN
      
      SELECT table_name, partition
      FROM pgboss.queue
      WHERE name = queue_name
      INTO v_table, v_partition;

      IF v_partition THEN
        EXECUTE format('DROP TABLE IF EXISTS pgboss.%I', v_table);
      ELSE
        EXECUTE format('DELETE FROM pgboss.%I WHERE name = %L', v_table, queue_name);
      END IF;
    
      DELETE FROM pgboss.queue WHERE name = queue_name;
    END;
    $$;

CREATE FUNCTION pgboss.job_now() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
      SELECT pg_catalog.now();
    $$;

CREATE FUNCTION pgboss.job_table_format(command text, table_name text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
      SELECT format(
        regexp_replace(
          regexp_replace(command, '\.job\y', '.%1$I', 'g'),
          '\yjob_i(\d+)', '%1$s_i\1', 'g'
        ),
        table_name
      );
    $_$;

CREATE FUNCTION pgboss.job_table_run(command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
      tbl RECORD;
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;

      IF tbl_name IS NOT NULL THEN
        EXECUTE pgboss.job_table_format(command, tbl_name);
        RETURN;
      END IF;

      EXECUTE pgboss.job_table_format(command, 'job_common');

      FOR tbl IN SELECT table_name FROM pgboss.queue WHERE partition = true
      LOOP
        EXECUTE pgboss.job_table_format(command, tbl.table_name);
      END LOOP;
    END;
    $$;

CREATE FUNCTION pgboss.job_table_run_async(command_name text, version integer, command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;

      IF tbl_name IS NOT NULL THEN
        INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
        VALUES (
          command_name,
          version,
          'pending',
          queue_name,
          tbl_name,
          pgboss.job_table_format(command, tbl_name)
        );
        RETURN;
      END IF;

      INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
      SELECT
        command_name,
        version,
        'pending',
        NULL,
        'job_common',
        pgboss.job_table_format(command, 'job_common')
      UNION ALL
      SELECT
        command_name,
        version,
        'pending',
        queue.name,
        queue.table_name,
        pgboss.job_table_format(command, queue.table_name)
      FROM pgboss.queue
      WHERE partition = true;
    END;
    $$;

CREATE FUNCTION public.pending_floor() RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce((SELECT "value" FROM "settings" WHERE "name" = 'pending_floor'), '')
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE pgboss.bam (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    queue text,
    table_name text NOT NULL,
    command text NOT NULL,
    error text,
    created_on timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone
);

CREATE TABLE pgboss.job (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    data jsonb,
    state pgboss.job_state DEFAULT 'created'::pgboss.job_state NOT NULL,
    retry_limit integer DEFAULT 2 NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    retry_delay integer DEFAULT 0 NOT NULL,
    retry_backoff boolean DEFAULT false NOT NULL,
    retry_delay_max integer,
    expire_seconds integer DEFAULT 900 NOT NULL,
    deletion_seconds integer DEFAULT 604800 NOT NULL,
    singleton_key text,
    singleton_on timestamp without time zone,
    group_id text,
    group_tier text,
    start_after timestamp with time zone DEFAULT now() NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone,
    keep_until timestamp with time zone DEFAULT (now() + '336:00:00'::interval) NOT NULL,
    output jsonb,
    dead_letter text,
    policy text,
    heartbeat_on timestamp with time zone,
    heartbeat_seconds integer,
    blocked boolean DEFAULT false NOT NULL,
    blocking boolean DEFAULT false NOT NULL,
    pending_dependencies integer DEFAULT 0 NOT NULL,
    source_name text,
    source_id uuid,
    source_created_on timestamp with time zone,
    source_retry_count integer,
    source_output jsonb,
    source_root_id uuid
)
PARTITION BY LIST (name);

CREATE TABLE pgboss.job_common (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    data jsonb,
    state pgboss.job_state DEFAULT 'created'::pgboss.job_state NOT NULL,
    retry_limit integer DEFAULT 2 NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    retry_delay integer DEFAULT 0 NOT NULL,
    retry_backoff boolean DEFAULT false NOT NULL,
    retry_delay_max integer,
    expire_seconds integer DEFAULT 900 NOT NULL,
    deletion_seconds integer DEFAULT 604800 NOT NULL,
    singleton_key text,
    singleton_on timestamp without time zone,
    group_id text,
    group_tier text,
    start_after timestamp with time zone DEFAULT now() NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone,
    keep_until timestamp with time zone DEFAULT (now() + '336:00:00'::interval) NOT NULL,
    output jsonb,
    dead_letter text,
    policy text,
    heartbeat_on timestamp with time zone,
    heartbeat_seconds integer,
    blocked boolean DEFAULT false NOT NULL,
    blocking boolean DEFAULT false NOT NULL,
    pending_dependencies integer DEFAULT 0 NOT NULL,
    source_name text,
    source_id uuid,
    source_created_on timestamp with time zone,
    source_retry_count integer,
    source_output jsonb,
    source_root_id uuid,
    CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK ((NOT ((policy = 'key_strict_fifo'::text) AND (singleton_key IS NULL))))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0', autovacuum_analyze_threshold='20000');

CREATE TABLE pgboss.job_dependency (
    child_name text NOT NULL,
    child_id uuid NOT NULL,
    parent_name text NOT NULL,
    parent_id uuid NOT NULL
);

CREATE TABLE pgboss.queue (
    name text NOT NULL,
    policy text NOT NULL,
    retry_limit integer NOT NULL,
    retry_delay integer NOT NULL,
    retry_backoff boolean NOT NULL,
    retry_delay_max integer,
    expire_seconds integer NOT NULL,
    retention_seconds integer NOT NULL,
    deletion_seconds integer NOT NULL,
    dead_letter text,
    partition boolean NOT NULL,
    table_name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    warning_queued integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer DEFAULT 0 NOT NULL,
    completed_delta integer DEFAULT 0 NOT NULL,
    failed_delta integer DEFAULT 0 NOT NULL,
    delta_on timestamp with time zone,
    delta_seconds integer,
    ready_history integer[] DEFAULT '{}'::integer[] NOT NULL,
    heartbeat_seconds integer,
    notify boolean DEFAULT false NOT NULL,
    singletons_active text[],
    monitor_claim_on timestamp with time zone,
    monitor_on timestamp with time zone,
    maintain_on timestamp with time zone,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT queue_check CHECK ((dead_letter IS DISTINCT FROM name))
);

CREATE TABLE pgboss.queue_stats (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
)
PARTITION BY RANGE (captured_on);

CREATE TABLE pgboss.queue_stats_20261128 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE pgboss.queue_stats_20261129 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE pgboss.schedule (
    name text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    kind text DEFAULT 'cron'::text NOT NULL,
    cron text NOT NULL,
    timezone text DEFAULT 'UTC'::text,
    data jsonb,
    options jsonb,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL,
    last_job_id uuid,
    CONSTRAINT schedule_kind_check CHECK ((kind = ANY (ARRAY['cron'::text, 'rrule'::text])))
);

CREATE TABLE pgboss.subscription (
    event text NOT NULL,
    name text NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE pgboss.version (
    version integer NOT NULL,
    cron_on timestamp with time zone,
    bam_on timestamp with time zone,
    flow_on timestamp with time zone,
    reindex_on timestamp with time zone,
    monitor_backoff_on timestamp with time zone
);

CREATE TABLE pgboss.warning (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    message text NOT NULL,
    data jsonb,
    created_on timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public._prisma_migrations (
    id character varying(36) NOT NULL,
    checksum character varying(64) NOT NULL,
    finished_at timestamp with time zone,
    migration_name character varying(255) NOT NULL,
    logs text,
    rolled_back_at timestamp with time zone,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_steps_count integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL,
    scopes public.api_scope[] NOT NULL,
    rate_limit_per_minute integer,
    public_key text,
    created_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone,
    last_used_at timestamp(3) with time zone,
    revoked_at timestamp(3) with time zone
);

CREATE TABLE public.deliveries (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    target_id text NOT NULL COLLATE pg_catalog."C",
    event_type text NOT NULL,
    status public.delivery_status NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    schedule_step integer DEFAULT 0 NOT NULL,
    max_attempts integer NOT NULL,
    next_trigger public.attempt_trigger DEFAULT 'SCHEDULE'::public.attempt_trigger NOT NULL,
    next_attempt_at timestamp(3) with time zone,
    resume_at timestamp(3) with time zone,
    job_id uuid,
    held boolean DEFAULT false NOT NULL,
    released boolean DEFAULT false NOT NULL,
    indexed_status public.delivery_status GENERATED ALWAYS AS (
CASE
    WHEN ((status = ANY (ARRAY['RETRYING'::public.delivery_status, 'FAILED'::public.delivery_status, 'CANCELLED'::public.delivery_status])) OR ((status = 'PENDING'::public.delivery_status) AND (held OR released))) THEN status
    ELSE NULL::public.delivery_status
END) STORED,
    last_attempt_at timestamp(3) with time zone,
    delivered_at timestamp(3) with time zone,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05', autovacuum_freeze_min_age='0');

CREATE TABLE public.delivery_attempts (
    delivery_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    trigger public.attempt_trigger NOT NULL,
    outcome public.attempt_outcome NOT NULL,
    response_status integer,
    response_headers text,
    response_body text,
    response_body_truncated boolean DEFAULT false NOT NULL,
    error text,
    duration_ms integer NOT NULL,
    started_at timestamp(3) with time zone NOT NULL,
    resent boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05', autovacuum_freeze_min_age='0');

CREATE TABLE public.delivery_changes (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    seq bigint NOT NULL,
    organization_id text NOT NULL COLLATE pg_catalog."C",
    delivery_id text NOT NULL COLLATE pg_catalog."C",
    target_id text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    event_type text NOT NULL,
    previous_status public.delivery_status,
    status public.delivery_status NOT NULL,
    attempt_number integer,
    occurred_at timestamp(3) with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05', autovacuum_freeze_min_age='0');

ALTER TABLE public.delivery_changes ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_changes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event_types (
    name text NOT NULL,
    category text NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL,
    schema jsonb,
    example jsonb,
    archived_at timestamp(3) with time zone,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.events (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    event_type text NOT NULL,
    customer_id text,
    body text NOT NULL,
    idempotency_key text,
    created_at timestamp(3) with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05', autovacuum_freeze_min_age='0');

CREATE TABLE public.idempotency_effects (
    request_id text NOT NULL COLLATE pg_catalog."C",
    field bytea NOT NULL,
    result bytea NOT NULL
);

CREATE TABLE public.idempotency_requests (
    id text NOT NULL COLLATE pg_catalog."C",
    api_key_id text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL,
    runner uuid NOT NULL,
    claimed_until timestamp(3) with time zone NOT NULL,
    response bytea,
    created_at timestamp(3) with time zone NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05');

CREATE TABLE public.organizations (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL
);

CREATE UNLOGGED TABLE public.rate_limit_windows (
    api_key_id text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp(3) with time zone NOT NULL,
    used integer NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.settings (
    name text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.signing_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    public_key text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone,
    published_at timestamp(3) with time zone NOT NULL,
    active_at timestamp(3) with time zone NOT NULL,
    retired_at timestamp(3) with time zone
);

CREATE TABLE public.target_changes (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    seq bigint NOT NULL,
    organization_id text NOT NULL COLLATE pg_catalog."C",
    target_id text NOT NULL COLLATE pg_catalog."C",
    previous_status public.webhook_target_status,
    status public.webhook_target_status,
    reason text,
    occurred_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE public.target_changes ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.target_changes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.target_health (
    target_id text NOT NULL COLLATE pg_catalog."C",
    failure_count integer DEFAULT 0 NOT NULL,
    last_success_at timestamp(3) with time zone,
    last_failure_at timestamp(3) with time zone,
    last_failure_reason text,
    last_attempt_at timestamp(3) with time zone,
    failing_since timestamp(3) with time zone
)
WITH (fillfactor='50');

CREATE TABLE public.target_secrets (
    id text NOT NULL COLLATE pg_catalog."C",
    target_id text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone
);

CREATE TABLE public.used_signatures (
    signature bytea NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.webhook_targets (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    url text NOT NULL,
    name text,
    description text,
    global boolean NOT NULL,
    event_types text[] NOT NULL,
    customer_ids text[] NOT NULL,
    max_concurrency integer,
    rate_limit_per_second integer,
    status public.webhook_target_status NOT NULL,
    disabled_reason text,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    deleted_at timestamp(3) with time zone
);

ALTER TABLE ONLY pgboss.job ATTACH PARTITION pgboss.job_common DEFAULT;

ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');

ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');

INSERT INTO pgboss.job_common (id, name, priority, data, state, retry_limit, retry_count, retry_delay, retry_backoff, retry_delay_max, expire_seconds, deletion_seconds, singleton_key, singleton_on, group_id, group_tier, start_after, created_on, started_on, completed_on, keep_until, output, dead_letter, policy, heartbeat_on, heartbeat_seconds, blocked, blocking, pending_dependencies, source_name, source_id, source_created_on, source_retry_count, source_output, source_root_id) VALUES
	('3f03fb6e-53a4-4505-8428-10583952f71a', 'attempts', -1028640108, '{"deliveryId": "3MjYLILpb8xpgZxb6sDjdSHaKzw"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-28 11:35:08.77+00', '2026-11-28 11:29:46.145692+00', NULL, NULL, '2027-11-28 11:35:08.77+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('9c6850c1-08ac-43a4-8299-6bb7b97b3e26', 'attempts', -1028640091, '{"deliveryId": "3MjYLJNzKsFUBmeoOp6a2sGpIdU"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-28 11:34:51.636+00', '2026-11-28 11:29:46.526619+00', NULL, NULL, '2027-11-28 11:34:51.636+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('2dfe5909-d5af-4b7d-b665-e229e9217206', 'attempts', -28639786, '{"deliveryId": "3MjYLMXI2qSD8Ka8MdPT06dC1Tc"}', 'active', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:29:46.662+00', '2026-11-28 11:29:46.662452+00', '2026-11-28 11:29:46.666787+00', NULL, '2027-11-27 11:29:46.662+00', NULL, NULL, 'standard', '2026-11-28 11:29:46.666787+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('4bd25737-4ca2-4036-b4c5-ae3b5e8a79ce', 'attempts', -28639789, '{"deliveryId": "3MjYLivd97qX5X6EM27vQoSi9ui"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:29:49.527+00', '2026-11-28 11:29:49.540164+00', NULL, NULL, '2027-11-27 11:29:49.527+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('cb72e5e7-0772-41b3-9035-a0707d4f6ec5', 'attempts', -28639789, '{"deliveryId": "3MjYLjSBGTp1ib9AKAYAccVDXg8"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:29:49.602+00', '2026-11-28 11:29:49.607087+00', NULL, NULL, '2027-11-27 11:29:49.602+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO pgboss.queue (name, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds, retention_seconds, deletion_seconds, dead_letter, partition, table_name, deferred_count, queued_count, ready_count, warning_queued, active_count, failed_count, total_count, created_delta, completed_delta, failed_delta, delta_on, delta_seconds, ready_history, heartbeat_seconds, notify, singletons_active, monitor_claim_on, monitor_on, maintain_on, created_on, updated_on) VALUES
	('attempts', 'standard', 1000000, 0, false, NULL, 80, 31536000, 604800, NULL, false, 'job_common', 2, 2, 0, 0, 1, 0, 3, 0, 0, 0, NULL, NULL, '{0}', 10, false, NULL, '2026-11-28 11:29:48.95611+00', '2026-11-28 11:29:48.962609+00', '2026-11-28 11:29:40.95992+00', '2026-11-28 11:29:40.931815+00', '2026-11-28 11:29:48.922657+00');

INSERT INTO pgboss.version (version, cron_on, bam_on, flow_on, reindex_on, monitor_backoff_on) VALUES
	(43, NULL, '2026-11-28 11:29:40.938102+00', '2026-11-28 11:29:48.921525+00', '2026-11-28 11:29:41.014046+00', NULL);

INSERT INTO public._prisma_migrations (id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at, applied_steps_count) VALUES
	('c93a1984-b15c-4c0a-8ec9-63ac3eda3b96', '51c2ee06cd7e029559744691f1fc15ad1fdbf95bb17b80c24b02e402fe4f8097', '2026-11-28 11:29:40.667+00', '20261120000000_init', NULL, NULL, '2026-11-28 11:29:40.393+00', 1),
	('1cf9edb2-53b9-49fa-958c-5ee3d718fe37', 'e9884dab6828394d632d280668fc6a0763f15a7287713317b958e31188dded76', '2026-11-28 11:29:40.683+00', '20261121030000_rate_limit_windows', NULL, NULL, '2026-11-28 11:29:40.668+00', 1),
	('2dbf781e-0ef7-4b97-a068-a758ae29f1e0', '70c40d4452820cbd8b7f678e22a20a132893332765b7af7625a292b1302701f1', '2026-11-28 11:29:40.703+00', '20261121030000_signing_key_dates', NULL, NULL, '2026-11-28 11:29:40.685+00', 1),
	('f0600e3e-3f90-4c86-aef5-d784b2b465e9', '6ec4da20a861d8b79f2ae2edbc0589d0f8422f61406a28d7cb8f8af9c51d6a62', '2026-11-28 11:29:40.711+00', '20261121030100_used_signatures', NULL, NULL, '2026-11-28 11:29:40.704+00', 1),
	('13e4d571-2353-4ef3-a018-d091613ba0a8', '1b614033715f40d991a2abe097370110656055102afb86d58e00447bb5d54346', '2026-11-28 11:29:40.716+00', '20261121031000_resent_attempts', NULL, NULL, '2026-11-28 11:29:40.714+00', 1),
	('167e3aa5-06f5-4916-a059-a49f026e3a49', 'd50e9940835b0d405452f12f092a2a013f155f50db929f8d89fb3ad22273bdc8', '2026-11-28 11:29:40.725+00', '20261121033000_idempotency', NULL, NULL, '2026-11-28 11:29:40.717+00', 1),
	('9f25e5eb-467a-47ae-aea0-87e434db7b5d', 'c633220ec093f4ca3b9e9b647e607e5f0f3ce062e824f43a1adbe3541c831a41', '2026-11-28 11:29:40.733+00', '20261121034500_target_changes', NULL, NULL, '2026-11-28 11:29:40.727+00', 1);

INSERT INTO public.api_keys (id, organization_id, name, prefix, hash, scopes, rate_limit_per_minute, public_key, created_at, expires_at, last_used_at, revoked_at) VALUES
	('3MjYKkzi0PGZ3T2VNbh62QGMXSa', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'expires', 'hk_DPEOwYl', '\x14c47654b645f2a0e83ce87ac200a23e9c2132bfbd8ca8d31cf6a219ebc2b0cc', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 100, NULL, '2026-11-28 11:29:41.848+00', '2027-11-28 11:29:41.841+00', NULL, NULL),
	('3MjYKl9cDNh1D5lgdpn3xYTWbEu', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'leaked', 'hk_SeZIE9A', '\x03609ebac5c117d14d74c9cca888785ec5824a6349d2c10994d8bfcd8ad257f4', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 100, NULL, '2026-11-28 11:29:41.869+00', NULL, NULL, '2026-11-28 11:29:41.893+00'),
	('3MjYKgtRHyRZ22vuOzoGGU2C3Si', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'Bootstrap', 'test-boots', '\xe5b049eba219a5353b7aff578f536c872d5646d9b11c35a5b2197310fbd21fa0', '{PLATFORM_ADMIN}', NULL, NULL, '2026-11-28 11:29:41.309+00', NULL, '2026-11-28 11:29:49.25+00', NULL),
	('3MjYKkfQKzFG36dpVqHfdgeFEeG', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'signer', 'hk_Hn2C8m4', '\xb15da9dd6c603b6603258b6a743dfcb881b194bf746bfb64d2ec70bd8e390891', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 1000, '39563a0003ed03ba304ca9abce2ac1b47a5689f12d4cd4baa46ed063b529e5d4', '2026-11-28 11:29:41.804+00', NULL, '2026-11-28 11:29:49.58+00', NULL);

INSERT INTO public.deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, schedule_step, max_attempts, next_trigger, next_attempt_at, resume_at, job_id, held, released, last_attempt_at, delivered_at, created_at, updated_at) VALUES
	('3MjYKpDzwSH9FTTDVp7uBmtjiIi', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwFyy5V3KsitIQrvvsxs', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', 'parcel.created', 'DELIVERED', 1, 0, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:29:42.407+00', '2026-11-28 11:29:42.424+00', '2026-11-28 11:29:42.379+00', '2026-11-28 11:29:42.424+00'),
	('3MjYKpDzwYMTDFRt9ccwcOG49pY', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwFyy5V3KsitIQrvvsxs', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', 'parcel.created', 'FAILED', 1, 1, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:29:42.409+00', NULL, '2026-11-28 11:29:42.379+00', '2026-11-28 11:29:42.43+00'),
	('3MjYKpDzwdt0SpYq7HiSMWU9qs4', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwFyy5V3KsitIQrvvsxs', '3MjYKoirZ79y45atdq6akzWVd20', 'parcel.created', 'FAILED', 1, 1, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:29:42.409+00', NULL, '2026-11-28 11:29:42.379+00', '2026-11-28 11:29:42.43+00'),
	('3MjYLILpb8xpgZxb6sDjdSHaKzw', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLILpb0T4TMhV6oTI5Sh9gPY', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', 'parcel.fails', 'RETRYING', 1, 1, 10, 'SCHEDULE', '2026-11-28 11:35:08.77+00', NULL, '3f03fb6e-53a4-4505-8428-10583952f71a', false, false, '2026-11-28 11:29:46.133+00', NULL, '2026-11-28 11:29:46.111+00', '2026-11-28 11:29:46.144+00'),
	('3MjYLIlmF3gppWlgcKZwE86oRsm', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLIlmF1y2Rkkl9us4ZfQIAk4', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', 'parcel.fails', 'CANCELLED', 1, 1, 10, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:29:46.184+00', NULL, '2026-11-28 11:29:46.167+00', '2026-11-28 11:29:46.488+00'),
	('3MjYLJNzKsFUBmeoOp6a2sGpIdU', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJNW5UA0GkGPJMWiUwlSVPc', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', 'parcel.fails', 'RETRYING', 2, 1, 10, 'SCHEDULE', '2026-11-28 11:34:51.636+00', NULL, '9c6850c1-08ac-43a4-8299-6bb7b97b3e26', false, false, '2026-11-28 11:29:46.521+00', NULL, '2026-11-28 11:29:46.247+00', '2026-11-28 11:29:46.524+00'),
	('3MjYLK2YflOeYPkCWWs94cpdDXM', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLK2Yfd8Rg5hQVOiMnZVOdHs', '3MjYLJiH0CkGh0XhEc6hWfjphqa', 'parcel.fails', 'CANCELLED', 1, 1, 10, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:29:46.449+00', NULL, '2026-11-28 11:29:46.334+00', '2026-11-28 11:29:46.535+00'),
	('3MjYLMXI2hDDi8zlVg1ZYuvGujg', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLMXI2YvTlcS2xXXenFwyFm4', '3MjYLLfz0Xdn4CzXLnyCsdm4hSC', 'parcel.hangs', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:29:46.662+00', NULL, NULL, true, false, NULL, NULL, '2026-11-28 11:29:46.662+00', '2026-11-28 11:29:46.662+00'),
	('3MjYLMXI2qSD8Ka8MdPT06dC1Tc', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLMXI2YvTlcS2xXXenFwyFm4', '3MjYLM7LOecqdm9vCllEvtoAJpg', 'parcel.hangs', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:29:46.662+00', NULL, '2dfe5909-d5af-4b7d-b665-e229e9217206', false, false, NULL, NULL, '2026-11-28 11:29:46.662+00', '2026-11-28 11:29:46.662+00'),
	('3MjYLivd97qX5X6EM27vQoSi9ui', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLisnemRfMRkdgASzY9sO024', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', 'parcel.created', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:29:49.527+00', NULL, '4bd25737-4ca2-4036-b4c5-ae3b5e8a79ce', false, false, NULL, NULL, '2026-11-28 11:29:49.527+00', '2026-11-28 11:29:49.527+00'),
	('3MjYLjSBGTp1ib9AKAYAccVDXg8', '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLjSBGN3vsrfPwnP3gBozNFg', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', 'parcel.created', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:29:49.602+00', NULL, 'cb72e5e7-0772-41b3-9035-a0707d4f6ec5', false, false, NULL, NULL, '2026-11-28 11:29:49.602+00', '2026-11-28 11:29:49.602+00');

INSERT INTO public.delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body, response_body_truncated, error, duration_ms, started_at, resent) VALUES
	('3MjYKpDzwSH9FTTDVp7uBmtjiIi', 1, 'SCHEDULE', 'DELIVERED', 200, '{"date":"Sat, 28 Nov 2026 11:29:42 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, NULL, 17, '2026-11-28 11:29:42.407+00', false),
	('3MjYKpDzwYMTDFRt9ccwcOG49pY', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:42 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 17, '2026-11-28 11:29:42.409+00', false),
	('3MjYKpDzwdt0SpYq7HiSMWU9qs4', 1, 'SCHEDULE', 'HTTP_ERROR', 410, '{"date":"Sat, 28 Nov 2026 11:29:42 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 410; a 2xx status was expected.', 20, '2026-11-28 11:29:42.409+00', false),
	('3MjYLILpb8xpgZxb6sDjdSHaKzw', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:46 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 10, '2026-11-28 11:29:46.133+00', false),
	('3MjYLIlmF3gppWlgcKZwE86oRsm', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:46 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 3, '2026-11-28 11:29:46.184+00', false),
	('3MjYLJNzKsFUBmeoOp6a2sGpIdU', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:46 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 11, '2026-11-28 11:29:46.338+00', false),
	('3MjYLK2YflOeYPkCWWs94cpdDXM', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:46 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 4, '2026-11-28 11:29:46.449+00', false),
	('3MjYLJNzKsFUBmeoOp6a2sGpIdU', 2, 'MANUAL', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:29:46 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 3, '2026-11-28 11:29:46.521+00', false);

INSERT INTO public.delivery_changes (xid, seq, organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, attempt_number, occurred_at) OVERRIDING SYSTEM VALUE VALUES
	('781', 1, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwSH9FTTDVp7uBmtjiIi', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:29:42.379+00'),
	('781', 2, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwYMTDFRt9ccwcOG49pY', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:29:42.379+00'),
	('781', 3, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwdt0SpYq7HiSMWU9qs4', '3MjYKoirZ79y45atdq6akzWVd20', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:29:42.379+00'),
	('785', 4, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwSH9FTTDVp7uBmtjiIi', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', 'PENDING', 'DELIVERED', 1, '2026-11-28 11:29:42.424+00'),
	('787', 5, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwYMTDFRt9ccwcOG49pY', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', 'PENDING', 'FAILED', 1, '2026-11-28 11:29:42.43+00'),
	('787', 6, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKpDzwdt0SpYq7HiSMWU9qs4', '3MjYKoirZ79y45atdq6akzWVd20', '3MjYKpDzwFyy5V3KsitIQrvvsxs', 'parcel.created', 'PENDING', 'FAILED', 1, '2026-11-28 11:29:42.43+00'),
	('796', 7, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLILpb8xpgZxb6sDjdSHaKzw', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLILpb0T4TMhV6oTI5Sh9gPY', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.111+00'),
	('800', 8, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLILpb8xpgZxb6sDjdSHaKzw', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLILpb0T4TMhV6oTI5Sh9gPY', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:29:46.144+00'),
	('801', 9, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLIlmF3gppWlgcKZwE86oRsm', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLIlmF1y2Rkkl9us4ZfQIAk4', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.167+00'),
	('804', 10, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLIlmF3gppWlgcKZwE86oRsm', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLIlmF1y2Rkkl9us4ZfQIAk4', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:29:46.187+00'),
	('807', 11, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJNzKsFUBmeoOp6a2sGpIdU', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLJNW5UA0GkGPJMWiUwlSVPc', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.247+00'),
	('813', 12, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLK2YflOeYPkCWWs94cpdDXM', '3MjYLJiH0CkGh0XhEc6hWfjphqa', '3MjYLK2Yfd8Rg5hQVOiMnZVOdHs', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.334+00'),
	('815', 13, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJNzKsFUBmeoOp6a2sGpIdU', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLJNW5UA0GkGPJMWiUwlSVPc', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:29:46.349+00'),
	('817', 14, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLK2YflOeYPkCWWs94cpdDXM', '3MjYLJiH0CkGh0XhEc6hWfjphqa', '3MjYLK2Yfd8Rg5hQVOiMnZVOdHs', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:29:46.453+00'),
	('820', 15, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLIlmF3gppWlgcKZwE86oRsm', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLIlmF1y2Rkkl9us4ZfQIAk4', 'parcel.fails', 'RETRYING', 'CANCELLED', NULL, '2026-11-28 11:29:46.488+00'),
	('822', 16, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJNzKsFUBmeoOp6a2sGpIdU', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLJNW5UA0GkGPJMWiUwlSVPc', 'parcel.fails', 'RETRYING', 'RETRYING', NULL, '2026-11-28 11:29:46.502+00'),
	('827', 17, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJNzKsFUBmeoOp6a2sGpIdU', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYLJNW5UA0GkGPJMWiUwlSVPc', 'parcel.fails', 'RETRYING', 'RETRYING', 2, '2026-11-28 11:29:46.524+00'),
	('829', 18, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLK2YflOeYPkCWWs94cpdDXM', '3MjYLJiH0CkGh0XhEc6hWfjphqa', '3MjYLK2Yfd8Rg5hQVOiMnZVOdHs', 'parcel.fails', 'RETRYING', 'CANCELLED', NULL, '2026-11-28 11:29:46.535+00'),
	('837', 19, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLMXI2hDDi8zlVg1ZYuvGujg', '3MjYLLfz0Xdn4CzXLnyCsdm4hSC', '3MjYLMXI2YvTlcS2xXXenFwyFm4', 'parcel.hangs', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.662+00'),
	('837', 20, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLMXI2qSD8Ka8MdPT06dC1Tc', '3MjYLM7LOecqdm9vCllEvtoAJpg', '3MjYLMXI2YvTlcS2xXXenFwyFm4', 'parcel.hangs', NULL, 'PENDING', NULL, '2026-11-28 11:29:46.662+00'),
	('847', 21, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLivd97qX5X6EM27vQoSi9ui', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '3MjYLisnemRfMRkdgASzY9sO024', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:29:49.527+00'),
	('853', 22, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLjSBGTp1ib9AKAYAccVDXg8', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '3MjYLjSBGN3vsrfPwnP3gBozNFg', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:29:49.602+00');

INSERT INTO public.event_types (name, category, display_name, description, schema, example, archived_at, created_at, updated_at) VALUES
	('order.created', 'order', 'Order created', 'An order was accepted and placed on the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "open", "quantity": "100.00", "created_at": "2024-01-15T10:30:00Z", "filled_quantity": "0.00"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('order.filled', 'order', 'Order filled', 'The whole quantity of an order was executed.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "filled", "quantity": "100.00", "updated_at": "2024-01-15T10:31:12Z", "filled_quantity": "100.00"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('order.partially_filled', 'order', 'Order partially filled', 'A part of an order was executed; the rest stays on the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "partially_filled", "quantity": "100.00", "updated_at": "2024-01-15T10:30:41Z", "filled_quantity": "40.00"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('order.cancelled', 'order', 'Order cancelled', 'An order was taken off the book before it was filled.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "cancelled", "quantity": "100.00", "updated_at": "2024-01-15T10:45:00Z", "filled_quantity": "40.00"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('order.rejected', 'order', 'Order rejected', 'An order was refused and never reached the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "reason": "insufficient_balance", "status": "rejected", "quantity": "100.00", "filled_quantity": "0.00"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('trade.executed', 'trade', 'Trade executed', 'Two orders matched; sent once for each match of one of your orders.', NULL, '{"id": "9a7c5e3d-1b2f-4c6a-8d0e-2f4b6c8d0e1a", "fee": {"value": "0.04", "currency": "USDT"}, "side": "buy", "price": "1580.00", "market": "USDT-NGN", "order_id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "quantity": "40.00", "executed_at": "2024-01-15T10:30:41Z"}', NULL, '2026-11-28 11:29:41.005+00', '2026-11-28 11:29:41.005+00'),
	('parcel.created', 'parcel', 'Parcel created', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:29:41.991+00', '2026-11-28 11:29:41.991+00'),
	('parcel.fails', 'parcel', 'Parcel fails', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:29:42.081+00', '2026-11-28 11:29:42.081+00'),
	('parcel.hangs', 'parcel', 'Parcel hangs', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:29:42.125+00', '2026-11-28 11:29:42.125+00'),
	('parcel.old', 'parcel', 'Parcel old', '', '{"type": "object"}', '{"n": 1}', '2026-11-28 11:29:42.227+00', '2026-11-28 11:29:42.172+00', '2026-11-28 11:29:42.227+00');

INSERT INTO public.events (id, organization_id, event_type, customer_id, body, idempotency_key, created_at) VALUES
	('3MjYKpDzwFyy5V3KsitIQrvvsxs', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.created', 'one', '{"id":"3MjYKpDzwFyy5V3KsitIQrvvsxs","event":"parcel.created","data":{"number":1},"created_at":"2026-11-28T11:29:42.379Z","customer_id":"one"}', 'parcel-1', '2026-11-28 11:29:42.379+00'),
	('3MjYLILpb0T4TMhV6oTI5Sh9gPY', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.fails', 'one', '{"id":"3MjYLILpb0T4TMhV6oTI5Sh9gPY","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:29:46.111Z","customer_id":"one"}', NULL, '2026-11-28 11:29:46.111+00'),
	('3MjYLIlmF1y2Rkkl9us4ZfQIAk4', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.fails', 'one', '{"id":"3MjYLIlmF1y2Rkkl9us4ZfQIAk4","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:29:46.167Z","customer_id":"one"}', NULL, '2026-11-28 11:29:46.167+00'),
	('3MjYLJNW5UA0GkGPJMWiUwlSVPc', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.fails', 'one', '{"id":"3MjYLJNW5UA0GkGPJMWiUwlSVPc","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:29:46.247Z","customer_id":"one"}', NULL, '2026-11-28 11:29:46.247+00'),
	('3MjYLK2Yfd8Rg5hQVOiMnZVOdHs', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.fails', 'two', '{"id":"3MjYLK2Yfd8Rg5hQVOiMnZVOdHs","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:29:46.334Z","customer_id":"two"}', NULL, '2026-11-28 11:29:46.334+00'),
	('3MjYLMXI2YvTlcS2xXXenFwyFm4', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.hangs', NULL, '{"id":"3MjYLMXI2YvTlcS2xXXenFwyFm4","event":"parcel.hangs","data":{"number":1},"created_at":"2026-11-28T11:29:46.662Z"}', NULL, '2026-11-28 11:29:46.662+00'),
	('3MjYLisnemRfMRkdgASzY9sO024', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.created', NULL, '{"id":"3MjYLisnemRfMRkdgASzY9sO024","event":"parcel.created","data":{"number":1},"created_at":"2026-11-28T11:29:49.527Z"}', NULL, '2026-11-28 11:29:49.527+00'),
	('3MjYLjSBGN3vsrfPwnP3gBozNFg', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'parcel.created', NULL, '{"id":"3MjYLjSBGN3vsrfPwnP3gBozNFg","event":"parcel.created","data":{"signed":true},"created_at":"2026-11-28T11:29:49.602Z"}', NULL, '2026-11-28 11:29:49.602+00');

INSERT INTO public.idempotency_effects (request_id, field, result) VALUES
	('3MjYLjvQe2GdUPttcQPVjbE60sS', '\x115ba11916f39bd76633f30349365415103a43aa011377017131a1e63387cc0c', '\x018c0cc17a630c124956c94fa4cbafc6e24bdceaf79596268cf2454f6f2e308fa2744e97208d65a14c3e16a7dc0b8c7b476e68e9372a4111679f12f9b44d9fd08bc7d715a9415f9900ee19577ba035bbfa');

INSERT INTO public.idempotency_requests (id, api_key_id, key, hash, runner, claimed_until, response, created_at) VALUES
	('3MjYLjXMzdHBDbQ6FiGE1qY72Ho', '3MjYKgtRHyRZ22vuOzoGGU2C3Si', 'answered', '\x3067e740ccf4c8fe21a6698b01031b91b4c15fc7fb35b140ff6d4b53ef8322ab', '1ab99fec-2da3-49a6-ba59-55f85063fb6e', '2026-11-28 11:29:52.618+00', '\x018c0cc17a048e5e73cb05ae30dcab0773102bdde80ec81b444988aa0a3d53a24dd666f5a7b2115af47b23fbe942ab546ad891e582efea0919085403dafa06fb101f9b7f92e7381dc854478032ad291e7267c38e412d8ad5841cd8f04a9151b3c0211378cb4b310f8d5ffcee4e5a171f5639393c4b0dfa3bee2273f2b662d9827fdf0baef093', '2026-11-28 11:29:49.613+00'),
	('3MjYLjvQe2GdUPttcQPVjbE60sS', '3MjYKgtRHyRZ22vuOzoGGU2C3Si', 'interrupted', '\xcdc012d2872bd37dba780484753ec71e74aa5d68cae11e6c235b0d792554389b', '23fb538e-0afd-40bf-9973-262a71f97514', '2026-11-28 11:29:52.669+00', NULL, '2026-11-28 11:29:49.664+00');

INSERT INTO public.organizations (id, name, created_at) VALUES
	('3MjYKgPif1mgcHfmcXxtX54LdRY', 'Default', '2026-11-28 11:29:41.246+00'),
	('3MjYLjYJUMxeCu6h0x3yMsyjjLU', 'Second', '2026-11-28 11:29:49.618+00'),
	('3MjYLjvttOAv8TYGErULimqpUp6', 'Interrupted', '2026-11-28 11:29:49.666+00');

INSERT INTO public.rate_limit_windows (api_key_id, started_at, used) VALUES
	('3MjYKkfQKzFG36dpVqHfdgeFEeG', '2026-11-28 11:29:49.587+00', 1);

INSERT INTO public.settings (name, value) VALUES
	('catalog:daya', '2026-11-28T11:29:41.005Z'),
	('first_organization', '3MjYKgPif1mgcHfmcXxtX54LdRY'),
	('stream_epoch', 'Sg41PO1NfUc7');

INSERT INTO public.signing_keys (id, public_key, sealed, created_at, expires_at, published_at, active_at, retired_at) VALUES
	('3MjYKggELIxXeGEhHhgomt3bZHk', '5d5f0e936781c38e95faf96b01b82e9a44e31373a5250b0560d14eec8b8b4910', '\x018c0cc17a8323de115782b8db4c6e696f84e679d3d39512ef9af777e763be3b9b92237f0ccc5f4e7b60975f780aac543658e64efd9ad2065618e067b9a99a07c1', '2026-11-28 11:29:41.281+00', NULL, '2026-11-27 11:29:41.281+00', '2026-11-27 11:29:41.281+00', NULL);

INSERT INTO public.target_changes (xid, seq, organization_id, target_id, previous_status, status, reason, occurred_at) OVERRIDING SYSTEM VALUE VALUES
	('775', 1, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:42.253+00'),
	('777', 2, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:42.283+00'),
	('779', 3, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKoirZ79y45atdq6akzWVd20', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:42.314+00'),
	('787', 4, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYKoirZ79y45atdq6akzWVd20', 'ACTIVE', 'DISABLED', 'The target answered 410 Gone, which asks for no more requests. Once the target receives again, set its status to ACTIVE.', '2026-11-28 11:29:42.43+00'),
	('811', 5, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJiH0CkGh0XhEc6hWfjphqa', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:46.291+00'),
	('826', 6, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLJiH0CkGh0XhEc6hWfjphqa', 'ACTIVE', NULL, NULL, '2026-11-28 11:29:46.522+00'),
	('830', 7, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLLfz0Xdn4CzXLnyCsdm4hSC', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:46.549+00'),
	('833', 8, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLLfz0Xdn4CzXLnyCsdm4hSC', 'ACTIVE', 'PAUSED', NULL, '2026-11-28 11:29:46.601+00'),
	('835', 9, '3MjYKgPif1mgcHfmcXxtX54LdRY', '3MjYLM7LOecqdm9vCllEvtoAJpg', NULL, 'ACTIVE', NULL, '2026-11-28 11:29:46.607+00');

INSERT INTO public.target_health (target_id, failure_count, last_success_at, last_failure_at, last_failure_reason, last_attempt_at, failing_since) VALUES
	('3MjYKoG5QtdjBIy9tJkUzB7DUVU', 0, '2026-11-28 11:29:42.424+00', NULL, NULL, '2026-11-28 11:29:42.407+00', NULL),
	('3MjYKoirZ79y45atdq6akzWVd20', 1, NULL, '2026-11-28 11:29:42.429+00', 'The target answered 410; a 2xx status was expected.', '2026-11-28 11:29:42.409+00', '2026-11-28 11:29:42.429+00'),
	('3MjYLJiH0CkGh0XhEc6hWfjphqa', 1, NULL, '2026-11-28 11:29:46.453+00', 'The target answered 500; a 2xx status was expected.', '2026-11-28 11:29:46.449+00', '2026-11-28 11:29:46.453+00'),
	('3MjYKoTlcxQCFNoSgkzrKpZ9eca', 5, NULL, '2026-11-28 11:29:46.524+00', 'The target answered 500; a 2xx status was expected.', '2026-11-28 11:29:46.521+00', '2026-11-28 11:29:42.426+00'),
	('3MjYLLfz0Xdn4CzXLnyCsdm4hSC', 0, NULL, NULL, NULL, NULL, NULL),
	('3MjYLM7LOecqdm9vCllEvtoAJpg', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.target_secrets (id, target_id, sealed, created_at, expires_at) VALUES
	('3MjYKodfptvhjgPQ5ipg3dJhUBc', '3MjYKoTlcxQCFNoSgkzrKpZ9eca', '\x018c0cc17a93a33d2295de2921e577d790a4ec6d3b72aba79e9b840bd261378767c414907f6fedd94e73acd64342b201a167ffefb7c59527592797c424965f6b5846d9e4fe6f9b686e34e05c841b1cc339daca', '2026-11-28 11:29:42.283+00', NULL),
	('3MjYKona2xCwgPTOTwPxCsy8ZTk', '3MjYKoirZ79y45atdq6akzWVd20', '\x018c0cc17a618af46070abd05ae18f78360a8f2e724f313c13c1de7a1e91f1421df6489ecbdb50e24327221a5916cf3e34ff473c5c8536df59b0b1f93ced7b648211e531bb013e446b214b8d6d485c115f7249', '2026-11-28 11:29:42.314+00', NULL),
	('3MjYKoLHA4gbzNhQnALtsqfW7qy', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '\x018c0cc17a1d406457593a123af46073f09d1c830976b85cd79d547a56529334355bc947a79ba4a16f3ac0c2b7f14f463136ad8dd1cfa5657db249228145c1e80d688604ee23212560a3c2fdd49282ddb26a2a', '2026-11-28 11:29:42.253+00', '2026-11-29 11:29:42.539+00'),
	('3MjYKqUmMyMKYxVUCmkClI4fYvo', '3MjYKoG5QtdjBIy9tJkUzB7DUVU', '\x018c0cc17a312f53b0ac51687430330c5ccdebba69469c0920d530a057e70c7859412c9f73d8408f5b8280f0815d711c27e25024ab91f88d5d0106de250187dc7831763a3095778e045bc5c16d428dfb47ecbc', '2026-11-28 11:29:42.539+00', NULL),
	('3MjYLJrhxqfCe94YXDdix3CAkd6', '3MjYLJiH0CkGh0XhEc6hWfjphqa', '\x018c0cc17a87f2d9d7b198f3121da81edef787d9a327b54d543426f92f0affba711266a97acb69352800d0e7ade3e3f0d0b97bcc92c58b6fae09850b1c51b75a3cfae95a7918d84592e78c7127412179eb7163', '2026-11-28 11:29:46.291+00', NULL),
	('3MjYLLhOkf8h0igJOgqBod9ZKs4', '3MjYLLfz0Xdn4CzXLnyCsdm4hSC', '\x018c0cc17a0336f96dcd95fabdbb755d2ed5bdeadd21d40a5ecf5cc87a7c24fdb151969938ad5bf435625ab478c30aafcaa3aaae0e04bbd45f508fcbcfcc79b1e1d150a1c906c70a7f4a37f636a7f7864a4a61', '2026-11-28 11:29:46.549+00', NULL),
	('3MjYLM8HtN0ydbBaLihr8KkaPzM', '3MjYLM7LOecqdm9vCllEvtoAJpg', '\x018c0cc17aba75c0b5d4235044eedde7133b1b0fd919a9d8fce5c4f860e7f4395cdcac160ec2098fcd346d3f3d89d527a3e7b8af06cef4e752399e48ad46c41c8e1f6c2aaaac5601e1cf54905fa7a41cb08da9', '2026-11-28 11:29:46.607+00', NULL);

INSERT INTO public.used_signatures (signature, expires_at) VALUES
	('\x066086b377cbb471a1347887f8feebf904379e0759984816fa2425d4ca467fcd9ac481ec0d299b98d2a3bf99243ec1e7c0ac72a6bf10966c4e6511ae54aa080f', '2026-11-28 11:39:49.576+00');

INSERT INTO public.webhook_targets (id, organization_id, url, name, description, global, event_types, customer_ids, max_concurrency, rate_limit_per_second, status, disabled_reason, created_at, updated_at, deleted_at) VALUES
	('3MjYKoTlcxQCFNoSgkzrKpZ9eca', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/fails', NULL, NULL, false, '{parcel.created,parcel.fails}', '{one}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:29:42.283+00', '2026-11-28 11:29:42.283+00', NULL),
	('3MjYKoirZ79y45atdq6akzWVd20', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/gone', NULL, 'answers 410', true, '{}', '{}', NULL, NULL, 'DISABLED', 'The target answered 410 Gone, which asks for no more requests. Once the target receives again, set its status to ACTIVE.', '2026-11-28 11:29:42.314+00', '2026-11-28 11:29:42.43+00', NULL),
	('3MjYKoG5QtdjBIy9tJkUzB7DUVU', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/ok', 'well', NULL, false, '{parcel.created}', '{}', 4, NULL, 'ACTIVE', NULL, '2026-11-28 11:29:42.253+00', '2026-11-28 11:29:42.539+00', NULL),
	('3MjYLJiH0CkGh0XhEc6hWfjphqa', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/fails', NULL, NULL, false, '{parcel.fails}', '{two}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:29:46.291+00', '2026-11-28 11:29:46.522+00', '2026-11-28 11:29:46.522+00'),
	('3MjYLLfz0Xdn4CzXLnyCsdm4hSC', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/paused', NULL, NULL, false, '{parcel.hangs}', '{}', NULL, NULL, 'PAUSED', NULL, '2026-11-28 11:29:46.549+00', '2026-11-28 11:29:46.601+00', NULL),
	('3MjYLM7LOecqdm9vCllEvtoAJpg', '3MjYKgPif1mgcHfmcXxtX54LdRY', 'http://127.0.0.1:4010/hangs', NULL, NULL, false, '{parcel.hangs}', '{}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:29:46.607+00', '2026-11-28 11:29:46.607+00', NULL);

SELECT pg_catalog.setval('public.delivery_changes_seq_seq', 22, true);

SELECT pg_catalog.setval('public.target_changes_seq_seq', 9, true);

ALTER TABLE ONLY pgboss.bam
    ADD CONSTRAINT bam_pkey PRIMARY KEY (id);

ALTER TABLE ONLY pgboss.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name, id);

ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT job_common_pkey PRIMARY KEY (name, id);

ALTER TABLE ONLY pgboss.job_dependency
    ADD CONSTRAINT job_dependency_pkey PRIMARY KEY (child_name, child_id, parent_name, parent_id);

ALTER TABLE ONLY pgboss.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY pgboss.queue_stats
    ADD CONSTRAINT queue_stats_pkey PRIMARY KEY (id, captured_on);

ALTER TABLE ONLY pgboss.queue_stats_20261128
    ADD CONSTRAINT queue_stats_20261128_pkey PRIMARY KEY (id, captured_on);

ALTER TABLE ONLY pgboss.queue_stats_20261129
    ADD CONSTRAINT queue_stats_20261129_pkey PRIMARY KEY (id, captured_on);

ALTER TABLE ONLY pgboss.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (name, key);

ALTER TABLE ONLY pgboss.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (event, name);

ALTER TABLE ONLY pgboss.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY pgboss.warning
    ADD CONSTRAINT warning_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public._prisma_migrations
    ADD CONSTRAINT _prisma_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (delivery_id, number);

ALTER TABLE ONLY public.delivery_changes
    ADD CONSTRAINT delivery_changes_pkey PRIMARY KEY (xid, seq);

ALTER TABLE ONLY public.event_types
    ADD CONSTRAINT event_types_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_effects
    ADD CONSTRAINT idempotency_effects_pkey PRIMARY KEY (request_id, field);

ALTER TABLE ONLY public.idempotency_requests
    ADD CONSTRAINT idempotency_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rate_limit_windows
    ADD CONSTRAINT rate_limit_windows_pkey PRIMARY KEY (api_key_id);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_one_active EXCLUDE USING gist (tstzrange(active_at, retired_at) WITH &&);

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.target_changes
    ADD CONSTRAINT target_changes_pkey PRIMARY KEY (xid, seq);

ALTER TABLE ONLY public.target_health
    ADD CONSTRAINT target_health_pkey PRIMARY KEY (target_id);

ALTER TABLE ONLY public.target_secrets
    ADD CONSTRAINT target_secrets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.used_signatures
    ADD CONSTRAINT used_signatures_pkey PRIMARY KEY (signature);

ALTER TABLE ONLY public.webhook_targets
    ADD CONSTRAINT webhook_targets_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX job_common_i1 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'created'::pgboss.job_state) AND (policy = 'short'::text));

CREATE INDEX job_common_i10 ON pgboss.job_common USING btree (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked) AND (policy = 'key_strict_fifo'::text));

CREATE INDEX job_common_i11 ON pgboss.job_common USING btree (name, priority DESC, created_on, start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked));

CREATE INDEX job_common_i12 ON pgboss.job_common USING btree (source_root_id) WHERE (source_root_id IS NOT NULL);

CREATE UNIQUE INDEX job_common_i2 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'active'::pgboss.job_state) AND (policy = 'singleton'::text));

CREATE UNIQUE INDEX job_common_i3 ON pgboss.job_common USING btree (name, state, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'stately'::text));

CREATE UNIQUE INDEX job_common_i4 ON pgboss.job_common USING btree (name, singleton_on, COALESCE(singleton_key, ''::text)) WHERE ((state <> 'cancelled'::pgboss.job_state) AND (singleton_on IS NOT NULL));

CREATE UNIQUE INDEX job_common_i6 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'exclusive'::text));

CREATE INDEX job_common_i7 ON pgboss.job_common USING btree (name, group_id) WHERE ((state = 'active'::pgboss.job_state) AND (group_id IS NOT NULL));

CREATE UNIQUE INDEX job_common_i8 ON pgboss.job_common USING btree (name, singleton_key) WHERE ((state = ANY (ARRAY['active'::pgboss.job_state, 'retry'::pgboss.job_state, 'failed'::pgboss.job_state])) AND (policy = 'key_strict_fifo'::text));

CREATE INDEX job_common_i9 ON pgboss.job_common USING btree (name, id) WHERE (blocking AND (state = 'completed'::pgboss.job_state));

CREATE INDEX job_common_returned ON pgboss.job_common USING btree (priority) WHERE (state = 'retry'::pgboss.job_state);

CREATE INDEX job_dep_parent_idx ON pgboss.job_dependency USING btree (parent_name, parent_id);

CREATE INDEX queue_stats_i1 ON ONLY pgboss.queue_stats USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);

CREATE INDEX queue_stats_20261128_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261128 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);

CREATE INDEX queue_stats_20261129_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261129 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);

CREATE INDEX warning_i1 ON pgboss.warning USING btree (created_on DESC);

CREATE UNIQUE INDEX api_keys_hash_key ON public.api_keys USING btree (hash);

CREATE INDEX api_keys_organization_id_id_idx ON public.api_keys USING btree (organization_id, id);

CREATE INDEX deliveries_event_id_id_idx ON public.deliveries USING btree (event_id, id NULLS FIRST);

CREATE INDEX deliveries_held ON public.deliveries USING btree (target_id, id) WHERE held;

CREATE INDEX deliveries_of_organization_aside ON public.deliveries USING btree (organization_id, id NULLS FIRST) WHERE (indexed_status IS NOT NULL);

CREATE INDEX deliveries_of_organization_by_status ON public.deliveries USING btree (organization_id, indexed_status, id NULLS FIRST) WHERE (indexed_status IS NOT NULL);

CREATE INDEX deliveries_of_organization_straight ON public.deliveries USING btree (organization_id, id NULLS FIRST) WHERE (indexed_status IS NULL);

CREATE INDEX deliveries_of_target_aside ON public.deliveries USING btree (target_id, id NULLS FIRST) WHERE (indexed_status IS NOT NULL);

CREATE INDEX deliveries_of_target_by_status ON public.deliveries USING btree (target_id, indexed_status, id NULLS FIRST) WHERE (indexed_status IS NOT NULL);

CREATE INDEX deliveries_of_target_straight ON public.deliveries USING btree (target_id, id NULLS FIRST) WHERE (indexed_status IS NULL);

CREATE INDEX delivery_changes_organization_id_xid_seq_idx ON public.delivery_changes USING btree (organization_id, xid NULLS FIRST, seq NULLS FIRST);

CREATE UNIQUE INDEX events_idempotency_key ON public.events USING btree (organization_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX events_organization_id_id_idx ON public.events USING btree (organization_id, id NULLS FIRST);

CREATE UNIQUE INDEX idempotency_requests_api_key_id_key_key ON public.idempotency_requests USING btree (api_key_id, key);

CREATE UNIQUE INDEX signing_keys_public_key_key ON public.signing_keys USING btree (public_key);

CREATE INDEX target_changes_organization_id_xid_seq_idx ON public.target_changes USING btree (organization_id, xid NULLS FIRST, seq NULLS FIRST);

CREATE INDEX target_secrets_target_id_idx ON public.target_secrets USING btree (target_id);

CREATE INDEX used_signatures_expires_at_idx ON public.used_signatures USING btree (expires_at);

CREATE INDEX webhook_targets_organization_id_id_idx ON public.webhook_targets USING btree (organization_id, id NULLS FIRST);

CREATE INDEX webhook_targets_subscribed ON public.webhook_targets USING btree (organization_id) WHERE ((deleted_at IS NULL) AND (status <> 'DISABLED'::public.webhook_target_status));

ALTER INDEX pgboss.job_pkey ATTACH PARTITION pgboss.job_common_pkey;

ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261128_name_captured_on_deferred_count_queued_idx;

ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261128_pkey;

ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261129_name_captured_on_deferred_count_queued_idx;

ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261129_pkey;

ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY pgboss.queue
    ADD CONSTRAINT queue_dead_letter_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name);

ALTER TABLE ONLY pgboss.schedule
    ADD CONSTRAINT schedule_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE;

ALTER TABLE ONLY pgboss.subscription
    ADD CONSTRAINT subscription_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.idempotency_effects
    ADD CONSTRAINT idempotency_effects_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.idempotency_requests(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.target_health
    ADD CONSTRAINT target_health_target_id_fkey FOREIGN KEY (target_id) REFERENCES public.webhook_targets(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.target_secrets
    ADD CONSTRAINT target_secrets_target_id_fkey FOREIGN KEY (target_id) REFERENCES public.webhook_targets(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_targets
    ADD CONSTRAINT webhook_targets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON UPDATE CASCADE ON DELETE RESTRICT;

