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
	('db59267e-674e-4751-9bd4-d0db85e68e4b', 'attempts', -1028641845, '{"deliveryId": "3Mjbu2FMjSpel9cymQSmpmHXAXI"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-28 12:04:05.079+00', '2026-11-28 11:59:02.840513+00', NULL, NULL, '2027-11-28 12:04:05.079+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('58007423-1098-4743-aec6-17055f705f96', 'attempts', -28641542, '{"deliveryId": "3Mjbu45WlmGjUCxBMp8mmnNTOHQ"}', 'active', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:59:02.912+00', '2026-11-28 11:59:02.914404+00', '2026-11-28 11:59:02.918153+00', NULL, '2027-11-27 11:59:02.912+00', NULL, NULL, 'standard', '2026-11-28 11:59:02.918153+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('589cd3df-1913-4189-ab8d-174011b0f62b', 'attempts', -28641546, '{"deliveryId": "3MjbuSVLrWUYjApEeeB3wxWtlp2"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:59:06.024+00', '2026-11-28 11:59:06.027892+00', NULL, NULL, '2027-11-27 11:59:06.024+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('34568bca-6dc9-4aa1-a6c3-2a113c39ef64', 'attempts', -28641486, '{"deliveryId": "3Mjbu19R0agM8dsdLaDVVZaCSJs"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:59:06.116+00', '2026-11-28 11:59:06.11309+00', NULL, NULL, '2027-11-27 11:59:06.116+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL),
	('370bc11e-6b2c-4ba2-b87e-0c6c6bee44d0', 'attempts', -28641546, '{"deliveryId": "3MjbuTRNNKt8ryMfXWO1AT1txYW"}', 'created', 1000000, 0, 0, false, NULL, 80, 604800, NULL, NULL, NULL, NULL, '2026-11-27 11:59:06.148+00', '2026-11-28 11:59:06.149512+00', NULL, NULL, '2027-11-27 11:59:06.148+00', NULL, NULL, 'standard', NULL, 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO pgboss.queue (name, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds, retention_seconds, deletion_seconds, dead_letter, partition, table_name, deferred_count, queued_count, ready_count, warning_queued, active_count, failed_count, total_count, created_delta, completed_delta, failed_delta, delta_on, delta_seconds, ready_history, heartbeat_seconds, notify, singletons_active, monitor_claim_on, monitor_on, maintain_on, created_on, updated_on) VALUES
	('attempts', 'standard', 1000000, 0, false, NULL, 80, 31536000, 604800, NULL, false, 'job_common', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, '{0}', 10, false, NULL, '2026-11-28 11:59:01.598848+00', '2026-11-28 11:59:01.599982+00', '2026-11-28 11:58:56.213262+00', '2026-11-28 11:58:56.204944+00', '2026-11-28 11:59:05.198309+00');

INSERT INTO pgboss.version (version, cron_on, bam_on, flow_on, reindex_on, monitor_backoff_on) VALUES
	(43, NULL, '2026-11-28 11:58:56.20017+00', '2026-11-28 11:59:01.581933+00', '2026-11-28 11:58:56.232179+00', NULL);

INSERT INTO public._prisma_migrations (id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at, applied_steps_count) VALUES
	('e6a73ecc-2f7a-406c-95ba-c267a1b947a9', '51c2ee06cd7e029559744691f1fc15ad1fdbf95bb17b80c24b02e402fe4f8097', '2026-11-28 11:58:55.911+00', '20261120000000_init', NULL, NULL, '2026-11-28 11:58:55.708+00', 1),
	('50b6ed19-0929-47bc-9f7a-8e0b4dd647ef', 'e9884dab6828394d632d280668fc6a0763f15a7287713317b958e31188dded76', '2026-11-28 11:58:55.94+00', '20261121030000_rate_limit_windows', NULL, NULL, '2026-11-28 11:58:55.913+00', 1),
	('a63e9536-9335-4d6c-8f12-635faba2187d', '70c40d4452820cbd8b7f678e22a20a132893332765b7af7625a292b1302701f1', '2026-11-28 11:58:55.949+00', '20261121030000_signing_key_dates', NULL, NULL, '2026-11-28 11:58:55.941+00', 1),
	('364a86db-0adb-49e5-8d8d-f68e5ce23ce5', '6ec4da20a861d8b79f2ae2edbc0589d0f8422f61406a28d7cb8f8af9c51d6a62', '2026-11-28 11:58:55.972+00', '20261121030100_used_signatures', NULL, NULL, '2026-11-28 11:58:55.952+00', 1),
	('7308da4f-c7ce-44c4-a3d8-1a4c4578c75f', '1b614033715f40d991a2abe097370110656055102afb86d58e00447bb5d54346', '2026-11-28 11:58:55.988+00', '20261121031000_resent_attempts', NULL, NULL, '2026-11-28 11:58:55.982+00', 1),
	('65138b92-4af6-490f-99c3-323942c211f1', 'd50e9940835b0d405452f12f092a2a013f155f50db929f8d89fb3ad22273bdc8', '2026-11-28 11:58:56.018+00', '20261121033000_idempotency', NULL, NULL, '2026-11-28 11:58:55.989+00', 1),
	('598de434-b73b-4134-b433-97bd66d9b1b3', 'c633220ec093f4ca3b9e9b647e607e5f0f3ce062e824f43a1adbe3541c831a41', '2026-11-28 11:58:56.041+00', '20261121034500_target_changes', NULL, NULL, '2026-11-28 11:58:56.03+00', 1);

INSERT INTO public.api_keys (id, organization_id, name, prefix, hash, scopes, rate_limit_per_minute, public_key, created_at, expires_at, last_used_at, revoked_at) VALUES
	('3MjbtIjOhkHBRFeXE5E67sJZGi0', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'expires', 'hk_8EPGLqA', '\x215c1baba16c071a5e4bfb6805b365a2dfb4954decaa6fa94d9e0a052f47cff7', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 100, NULL, '2026-11-28 11:58:56.832+00', '2027-11-28 11:58:56.776+00', NULL, NULL),
	('3MjbtJ2jsRdhEjouMSPf65nQvQm', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'leaked', 'hk_XQ5tq1C', '\xf7c1f25b820b76684172b5a859937b4ac4ec2bc45c793a7cc10d462fcff880e5', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 100, NULL, '2026-11-28 11:58:56.873+00', NULL, NULL, '2026-11-28 11:58:56.923+00'),
	('3MjbtEE7qCYFmYZYsClRBKnTGr2', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'Bootstrap', 'test-boots', '\xe5b049eba219a5353b7aff578f536c872d5646d9b11c35a5b2197310fbd21fa0', '{PLATFORM_ADMIN}', NULL, NULL, '2026-11-28 11:58:56.24+00', NULL, '2026-11-28 11:59:05.826+00', NULL),
	('3MjbtHgliaz25gNXBxWxXdAwE4W', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'signer', 'hk_N6xhlOx', '\xbe4c199346ac4892d84fe0d34c0743ba047ac751e79736a15cffb9ddb41eb86a', '{TARGETS_WRITE,EVENTS_PUBLISH,DELIVERIES_WRITE}', 1000, '8f60828504770c9bbaf8e9f56faee6017427dfafee5bb222ad82a38e9ae87ed0', '2026-11-28 11:58:56.694+00', NULL, '2026-11-28 11:59:06.133+00', NULL);

INSERT INTO public.deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, schedule_step, max_attempts, next_trigger, next_attempt_at, resume_at, job_id, held, released, last_attempt_at, delivered_at, created_at, updated_at) VALUES
	('3MjbtM28NFzUouidc76org7JrHs', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28N9a2USQ8sCbkK4TXPge', '3MjbtLOyma25RG3wd3YBN5KMisC', 'parcel.created', 'DELIVERED', 1, 0, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:58:57.282+00', '2026-11-28 11:58:57.296+00', '2026-11-28 11:58:57.241+00', '2026-11-28 11:58:57.296+00'),
	('3MjbtM28NPFZjkgN9ShkQvx7LaS', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28N9a2USQ8sCbkK4TXPge', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', 'parcel.created', 'FAILED', 1, 1, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:58:57.284+00', NULL, '2026-11-28 11:58:57.241+00', '2026-11-28 11:58:57.322+00'),
	('3MjbtM28NXhSjDuWXowe8xAAOqO', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28N9a2USQ8sCbkK4TXPge', '3MjbtLZMEwfNK9r5gpfqvilop4S', 'parcel.created', 'FAILED', 1, 1, 1, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:58:57.285+00', NULL, '2026-11-28 11:58:57.241+00', '2026-11-28 11:58:57.322+00'),
	('3Mjbu236HXnj2Yi1WAYHdrpSPNQ', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu236HMsa7QFd5rl9pnonVBY', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', 'parcel.fails', 'CANCELLED', 1, 1, 10, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:59:02.661+00', NULL, '2026-11-28 11:59:02.644+00', '2026-11-28 11:59:02.813+00'),
	('3Mjbu2FMjSpel9cymQSmpmHXAXI', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2FMjI8Qg5P0jII8oxT17jM', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', 'parcel.fails', 'RETRYING', 2, 1, 10, 'SCHEDULE', '2026-11-28 12:04:05.079+00', NULL, 'db59267e-674e-4751-9bd4-d0db85e68e4b', false, false, '2026-11-28 11:59:02.837+00', NULL, '2026-11-28 11:59:02.67+00', '2026-11-28 11:59:02.839+00'),
	('3Mjbu2nKaq2F0B3jSMPZITNEenY', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2nKamrnLreU6yRrMgNfOmO', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', 'parcel.fails', 'CANCELLED', 1, 1, 10, 'SCHEDULE', NULL, NULL, NULL, false, false, '2026-11-28 11:59:02.75+00', NULL, '2026-11-28 11:59:02.741+00', '2026-11-28 11:59:02.846+00'),
	('3Mjbu45WldAuOcusl91AF3jvEI4', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu45WlZ3wA17RbdvRPXh6rXE', '3Mjbu3eANUDhp4NZ8qAS5gidruK', 'parcel.hangs', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:59:02.912+00', NULL, NULL, true, false, NULL, NULL, '2026-11-28 11:59:02.912+00', '2026-11-28 11:59:02.912+00'),
	('3Mjbu45WlmGjUCxBMp8mmnNTOHQ', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu45WlZ3wA17RbdvRPXh6rXE', '3Mjbu3liLYMJnRFuL8Bgk44f2CO', 'parcel.hangs', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:59:02.912+00', NULL, '58007423-1098-4743-aec6-17055f705f96', false, false, NULL, NULL, '2026-11-28 11:59:02.912+00', '2026-11-28 11:59:02.912+00'),
	('3MjbuSVLrWUYjApEeeB3wxWtlp2', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbuSVLrLuam2JoNBbiIuTn8fg', '3MjbtLOyma25RG3wd3YBN5KMisC', 'parcel.created', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:59:06.024+00', NULL, '589cd3df-1913-4189-ab8d-174011b0f62b', false, false, NULL, NULL, '2026-11-28 11:59:06.024+00', '2026-11-28 11:59:06.024+00'),
	('3Mjbu19R0agM8dsdLaDVVZaCSJs', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu19R0Szn3YdpdQaDQMysZLE', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', 'parcel.fails', 'RETRYING', 1, 1, 10, 'MANUAL', '2026-11-28 11:59:06.116+00', '2026-11-28 12:04:30.168+00', '34568bca-6dc9-4aa1-a6c3-2a113c39ef64', false, false, '2026-11-28 11:59:02.593+00', NULL, '2026-11-28 11:59:02.526+00', '2026-11-28 11:59:06.116+00'),
	('3MjbuTRNNKt8ryMfXWO1AT1txYW', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbuTRNNIpEImfV8iyrmYv3gEy', '3MjbtLOyma25RG3wd3YBN5KMisC', 'parcel.created', 'PENDING', 0, 0, 10, 'SCHEDULE', '2026-11-28 11:59:06.148+00', NULL, '370bc11e-6b2c-4ba2-b87e-0c6c6bee44d0', false, false, NULL, NULL, '2026-11-28 11:59:06.148+00', '2026-11-28 11:59:06.148+00');

INSERT INTO public.delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body, response_body_truncated, error, duration_ms, started_at, resent) VALUES
	('3MjbtM28NFzUouidc76org7JrHs', 1, 'SCHEDULE', 'DELIVERED', 200, '{"date":"Sat, 28 Nov 2026 11:58:57 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, NULL, 12, '2026-11-28 11:58:57.282+00', false),
	('3MjbtM28NPFZjkgN9ShkQvx7LaS', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:58:57 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 13, '2026-11-28 11:58:57.284+00', false),
	('3MjbtM28NXhSjDuWXowe8xAAOqO', 1, 'SCHEDULE', 'HTTP_ERROR', 410, '{"date":"Sat, 28 Nov 2026 11:58:57 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 410; a 2xx status was expected.', 17, '2026-11-28 11:58:57.285+00', false),
	('3Mjbu19R0agM8dsdLaDVVZaCSJs', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:59:02 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 30, '2026-11-28 11:59:02.593+00', false),
	('3Mjbu236HXnj2Yi1WAYHdrpSPNQ', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:59:02 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 5, '2026-11-28 11:59:02.661+00', false),
	('3Mjbu2FMjSpel9cymQSmpmHXAXI', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:59:02 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 8, '2026-11-28 11:59:02.681+00', false),
	('3Mjbu2nKaq2F0B3jSMPZITNEenY', 1, 'SCHEDULE', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:59:02 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 1, '2026-11-28 11:59:02.75+00', false),
	('3Mjbu2FMjSpel9cymQSmpmHXAXI', 2, 'MANUAL', 'HTTP_ERROR', 500, '{"date":"Sat, 28 Nov 2026 11:59:02 GMT","connection":"keep-alive","keep-alive":"timeout=5","transfer-encoding":"chunked"}', '', false, 'The target answered 500; a 2xx status was expected.', 1, '2026-11-28 11:59:02.837+00', false);

INSERT INTO public.delivery_changes (xid, seq, organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, attempt_number, occurred_at) OVERRIDING SYSTEM VALUE VALUES
	('781', 1, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NFzUouidc76org7JrHs', '3MjbtLOyma25RG3wd3YBN5KMisC', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:58:57.241+00'),
	('781', 2, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NPFZjkgN9ShkQvx7LaS', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:58:57.241+00'),
	('781', 3, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NXhSjDuWXowe8xAAOqO', '3MjbtLZMEwfNK9r5gpfqvilop4S', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:58:57.241+00'),
	('785', 4, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NFzUouidc76org7JrHs', '3MjbtLOyma25RG3wd3YBN5KMisC', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', 'PENDING', 'DELIVERED', 1, '2026-11-28 11:58:57.296+00'),
	('787', 5, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NPFZjkgN9ShkQvx7LaS', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', 'PENDING', 'FAILED', 1, '2026-11-28 11:58:57.322+00'),
	('787', 6, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtM28NXhSjDuWXowe8xAAOqO', '3MjbtLZMEwfNK9r5gpfqvilop4S', '3MjbtM28N9a2USQ8sCbkK4TXPge', 'parcel.created', 'PENDING', 'FAILED', 1, '2026-11-28 11:58:57.322+00'),
	('799', 7, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu19R0agM8dsdLaDVVZaCSJs', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu19R0Szn3YdpdQaDQMysZLE', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.526+00'),
	('803', 8, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu19R0agM8dsdLaDVVZaCSJs', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu19R0Szn3YdpdQaDQMysZLE', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:59:02.624+00'),
	('804', 9, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu236HXnj2Yi1WAYHdrpSPNQ', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu236HMsa7QFd5rl9pnonVBY', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.644+00'),
	('808', 10, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2FMjSpel9cymQSmpmHXAXI', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu2FMjI8Qg5P0jII8oxT17jM', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.67+00'),
	('811', 11, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu236HXnj2Yi1WAYHdrpSPNQ', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu236HMsa7QFd5rl9pnonVBY', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:59:02.667+00'),
	('813', 12, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2FMjSpel9cymQSmpmHXAXI', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu2FMjI8Qg5P0jII8oxT17jM', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:59:02.688+00'),
	('817', 13, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2nKaq2F0B3jSMPZITNEenY', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', '3Mjbu2nKamrnLreU6yRrMgNfOmO', 'parcel.fails', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.741+00'),
	('820', 14, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2nKaq2F0B3jSMPZITNEenY', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', '3Mjbu2nKamrnLreU6yRrMgNfOmO', 'parcel.fails', 'PENDING', 'RETRYING', 1, '2026-11-28 11:59:02.751+00'),
	('822', 15, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu236HXnj2Yi1WAYHdrpSPNQ', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu236HMsa7QFd5rl9pnonVBY', 'parcel.fails', 'RETRYING', 'CANCELLED', NULL, '2026-11-28 11:59:02.813+00'),
	('824', 16, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2FMjSpel9cymQSmpmHXAXI', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu2FMjI8Qg5P0jII8oxT17jM', 'parcel.fails', 'RETRYING', 'RETRYING', NULL, '2026-11-28 11:59:02.824+00'),
	('829', 17, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2FMjSpel9cymQSmpmHXAXI', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu2FMjI8Qg5P0jII8oxT17jM', 'parcel.fails', 'RETRYING', 'RETRYING', 2, '2026-11-28 11:59:02.839+00'),
	('830', 18, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2nKaq2F0B3jSMPZITNEenY', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', '3Mjbu2nKamrnLreU6yRrMgNfOmO', 'parcel.fails', 'RETRYING', 'CANCELLED', NULL, '2026-11-28 11:59:02.846+00'),
	('837', 19, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu45WldAuOcusl91AF3jvEI4', '3Mjbu3eANUDhp4NZ8qAS5gidruK', '3Mjbu45WlZ3wA17RbdvRPXh6rXE', 'parcel.hangs', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.912+00'),
	('837', 20, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu45WlmGjUCxBMp8mmnNTOHQ', '3Mjbu3liLYMJnRFuL8Bgk44f2CO', '3Mjbu45WlZ3wA17RbdvRPXh6rXE', 'parcel.hangs', NULL, 'PENDING', NULL, '2026-11-28 11:59:02.912+00'),
	('844', 21, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbuSVLrWUYjApEeeB3wxWtlp2', '3MjbtLOyma25RG3wd3YBN5KMisC', '3MjbuSVLrLuam2JoNBbiIuTn8fg', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:59:06.024+00'),
	('847', 22, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu19R0agM8dsdLaDVVZaCSJs', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3Mjbu19R0Szn3YdpdQaDQMysZLE', 'parcel.fails', 'RETRYING', 'RETRYING', NULL, '2026-11-28 11:59:06.116+00'),
	('853', 23, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbuTRNNKt8ryMfXWO1AT1txYW', '3MjbtLOyma25RG3wd3YBN5KMisC', '3MjbuTRNNIpEImfV8iyrmYv3gEy', 'parcel.created', NULL, 'PENDING', NULL, '2026-11-28 11:59:06.148+00');

INSERT INTO public.event_types (name, category, display_name, description, schema, example, archived_at, created_at, updated_at) VALUES
	('order.created', 'order', 'Order created', 'An order was accepted and placed on the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "open", "quantity": "100.00", "created_at": "2024-01-15T10:30:00Z", "filled_quantity": "0.00"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('order.filled', 'order', 'Order filled', 'The whole quantity of an order was executed.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "filled", "quantity": "100.00", "updated_at": "2024-01-15T10:31:12Z", "filled_quantity": "100.00"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('order.partially_filled', 'order', 'Order partially filled', 'A part of an order was executed; the rest stays on the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "partially_filled", "quantity": "100.00", "updated_at": "2024-01-15T10:30:41Z", "filled_quantity": "40.00"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('order.cancelled', 'order', 'Order cancelled', 'An order was taken off the book before it was filled.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "status": "cancelled", "quantity": "100.00", "updated_at": "2024-01-15T10:45:00Z", "filled_quantity": "40.00"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('order.rejected', 'order', 'Order rejected', 'An order was refused and never reached the book.', NULL, '{"id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "side": "buy", "type": "limit", "price": "1580.00", "market": "USDT-NGN", "reason": "insufficient_balance", "status": "rejected", "quantity": "100.00", "filled_quantity": "0.00"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('trade.executed', 'trade', 'Trade executed', 'Two orders matched; sent once for each match of one of your orders.', NULL, '{"id": "9a7c5e3d-1b2f-4c6a-8d0e-2f4b6c8d0e1a", "fee": {"value": "0.04", "currency": "USDT"}, "side": "buy", "price": "1580.00", "market": "USDT-NGN", "order_id": "3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b", "quantity": "40.00", "executed_at": "2024-01-15T10:30:41Z"}', NULL, '2026-11-28 11:58:56.223+00', '2026-11-28 11:58:56.223+00'),
	('parcel.created', 'parcel', 'Parcel created', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:58:56.998+00', '2026-11-28 11:58:56.998+00'),
	('parcel.fails', 'parcel', 'Parcel fails', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:58:57.038+00', '2026-11-28 11:58:57.038+00'),
	('parcel.hangs', 'parcel', 'Parcel hangs', '', '{"type": "object"}', '{"n": 1}', NULL, '2026-11-28 11:58:57.085+00', '2026-11-28 11:58:57.085+00'),
	('parcel.old', 'parcel', 'Parcel old', '', '{"type": "object"}', '{"n": 1}', '2026-11-28 11:58:57.133+00', '2026-11-28 11:58:57.116+00', '2026-11-28 11:58:57.133+00');

INSERT INTO public.events (id, organization_id, event_type, customer_id, body, idempotency_key, created_at) VALUES
	('3MjbtM28N9a2USQ8sCbkK4TXPge', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.created', 'one', '{"id":"3MjbtM28N9a2USQ8sCbkK4TXPge","event":"parcel.created","data":{"number":1},"created_at":"2026-11-28T11:58:57.241Z","customer_id":"one"}', 'parcel-1', '2026-11-28 11:58:57.241+00'),
	('3Mjbu19R0Szn3YdpdQaDQMysZLE', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.fails', 'one', '{"id":"3Mjbu19R0Szn3YdpdQaDQMysZLE","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:59:02.526Z","customer_id":"one"}', NULL, '2026-11-28 11:59:02.526+00'),
	('3Mjbu236HMsa7QFd5rl9pnonVBY', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.fails', 'one', '{"id":"3Mjbu236HMsa7QFd5rl9pnonVBY","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:59:02.644Z","customer_id":"one"}', NULL, '2026-11-28 11:59:02.644+00'),
	('3Mjbu2FMjI8Qg5P0jII8oxT17jM', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.fails', 'one', '{"id":"3Mjbu2FMjI8Qg5P0jII8oxT17jM","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:59:02.670Z","customer_id":"one"}', NULL, '2026-11-28 11:59:02.67+00'),
	('3Mjbu2nKamrnLreU6yRrMgNfOmO', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.fails', 'two', '{"id":"3Mjbu2nKamrnLreU6yRrMgNfOmO","event":"parcel.fails","data":{"number":1},"created_at":"2026-11-28T11:59:02.741Z","customer_id":"two"}', NULL, '2026-11-28 11:59:02.741+00'),
	('3Mjbu45WlZ3wA17RbdvRPXh6rXE', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.hangs', NULL, '{"id":"3Mjbu45WlZ3wA17RbdvRPXh6rXE","event":"parcel.hangs","data":{"number":1},"created_at":"2026-11-28T11:59:02.912Z"}', NULL, '2026-11-28 11:59:02.912+00'),
	('3MjbuSVLrLuam2JoNBbiIuTn8fg', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.created', NULL, '{"id":"3MjbuSVLrLuam2JoNBbiIuTn8fg","event":"parcel.created","data":{"number":1},"created_at":"2026-11-28T11:59:06.024Z"}', NULL, '2026-11-28 11:59:06.024+00'),
	('3MjbuTRNNIpEImfV8iyrmYv3gEy', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'parcel.created', NULL, '{"id":"3MjbuTRNNIpEImfV8iyrmYv3gEy","event":"parcel.created","data":{"signed":true},"created_at":"2026-11-28T11:59:06.148Z"}', NULL, '2026-11-28 11:59:06.148+00');

INSERT INTO public.idempotency_effects (request_id, field, result) VALUES
	('3MjbuYrG0b8xwIwiqtK5T46Y4I4', '\x115ba11916f39bd76633f30349365415103a43aa011377017131a1e63387cc0c', '\x018c0cc17ac943bd83f12e54f778f05a0a6325392f0a090445382fe730ec0a39e8f4117b63173269b4a46f9c0384ccfa498ee5ad59f25cefc525a6b045fd0942c8f45aa36928eac56a09c4fca4b768856f');

INSERT INTO public.idempotency_requests (id, api_key_id, key, hash, runner, claimed_until, response, created_at) VALUES
	('3MjbuTW5r6G3yZ0dfhNYLBQ0HDM', '3MjbtEE7qCYFmYZYsClRBKnTGr2', 'answered', '\x3067e740ccf4c8fe21a6698b01031b91b4c15fc7fb35b140ff6d4b53ef8322ab', 'b2dc56ac-39b2-4a39-9855-a9b1c1f66f82', '2026-11-28 11:59:09.169+00', '\x018c0cc17ac41dce1f0cca56fac86112d61b9e48d8228581ae2e4624032cbebec54c4627f28e8d9ee9d64d979d5f5f05e115b7bbe2f2abe774edef25cc057eb3cb97ab76f63ecf237c37a3d846bfc216ff81ee69bbd9234f78dd8c70882d9047b85cb1d219ebf470f5f65590d09b3ccf967ddde64eb765d1007f18f5b487108dda651ba05753', '2026-11-28 11:59:06.158+00'),
	('3MjbuYrG0b8xwIwiqtK5T46Y4I4', '3MjbtEE7qCYFmYZYsClRBKnTGr2', 'interrupted', '\x4b7c46ad2bfc71043adb2538b6e683c8f5351c49439c11f3c871426db31d57bd', '92282c04-dcd9-4f10-a522-17ce7fea2a09', '2026-11-28 11:59:09.86+00', NULL, '2026-11-28 11:59:06.86+00');

INSERT INTO public.organizations (id, name, created_at) VALUES
	('3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'Default', '2026-11-28 11:58:56.231+00'),
	('3MjbuTbkpc1MVIH59LWuqCr0Czw', 'Second', '2026-11-28 11:59:06.173+00'),
	('3MjbuYrjFwQEeEQCkNYRUc8821w', 'Interrupted', '2026-11-28 11:59:06.861+00');

INSERT INTO public.rate_limit_windows (api_key_id, started_at, used) VALUES
	('3MjbtHgliaz25gNXBxWxXdAwE4W', '2026-11-28 11:59:06.135+00', 1);

INSERT INTO public.settings (name, value) VALUES
	('catalog:daya', '2026-11-28T11:58:56.223Z'),
	('first_organization', '3MjbtE9PMPzQXCVM79Qnqe4S2jo'),
	('stream_epoch', 'KzjJb9yy6ic8');

INSERT INTO public.signing_keys (id, public_key, sealed, created_at, expires_at, published_at, active_at, retired_at) VALUES
	('3MjbtEAp6TYeLjL31LPqXMUIt1M', 'db7aff70d094d55c8c03a42ef51d06baffd9f20326988cf1670890b2c943854b', '\x018c0cc17a35021fef8fe3b02f730db248df01822afe4a215c57e1e9f66f1e526b4473750bfbadfc6bcfa3813b4dd722a7dcebd4847e8e2a2f9c9f96dc2de76975', '2026-11-28 11:58:56.233+00', '2026-11-30 11:59:06.795+00', '2026-11-27 11:58:56.233+00', '2026-11-27 11:58:56.233+00', '2026-11-29 11:59:06.795+00'),
	('3MjbuYOTsJFGLC6kdaIo9QyebOS', '40603484b160a2953d3059349058d0245a724a3106579529e5a24c06e9e522e7', '\x018c0cc17af951c424e385f465aa991372f564c034b54510789a99b7beadd80741b3ca0f5070c166446e6546fd5aa88e87fad547c368a94f5963d84894baaab1f7', '2026-11-28 11:59:06.795+00', NULL, '2026-11-28 11:59:21.795+00', '2026-11-29 11:59:06.795+00', NULL);

INSERT INTO public.target_changes (xid, seq, organization_id, target_id, previous_status, status, reason, occurred_at) OVERRIDING SYSTEM VALUE VALUES
	('775', 1, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtLOyma25RG3wd3YBN5KMisC', NULL, 'ACTIVE', NULL, '2026-11-28 11:58:57.159+00'),
	('777', 2, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', NULL, 'ACTIVE', NULL, '2026-11-28 11:58:57.173+00'),
	('779', 3, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtLZMEwfNK9r5gpfqvilop4S', NULL, 'ACTIVE', NULL, '2026-11-28 11:58:57.181+00'),
	('787', 4, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3MjbtLZMEwfNK9r5gpfqvilop4S', 'ACTIVE', 'DISABLED', 'The target answered 410 Gone, which asks for no more requests. Once the target receives again, set its status to ACTIVE.', '2026-11-28 11:58:57.322+00'),
	('814', 5, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', NULL, 'ACTIVE', NULL, '2026-11-28 11:59:02.712+00'),
	('827', 6, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', 'ACTIVE', NULL, NULL, '2026-11-28 11:59:02.838+00'),
	('832', 7, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu3eANUDhp4NZ8qAS5gidruK', NULL, 'ACTIVE', NULL, '2026-11-28 11:59:02.854+00'),
	('834', 8, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu3eANUDhp4NZ8qAS5gidruK', 'ACTIVE', 'PAUSED', NULL, '2026-11-28 11:59:02.864+00'),
	('835', 9, '3MjbtE9PMPzQXCVM79Qnqe4S2jo', '3Mjbu3liLYMJnRFuL8Bgk44f2CO', NULL, 'ACTIVE', NULL, '2026-11-28 11:59:02.87+00');

INSERT INTO public.target_health (target_id, failure_count, last_success_at, last_failure_at, last_failure_reason, last_attempt_at, failing_since) VALUES
	('3MjbtLOyma25RG3wd3YBN5KMisC', 0, '2026-11-28 11:58:57.294+00', NULL, NULL, '2026-11-28 11:58:57.282+00', NULL),
	('3MjbtLZMEwfNK9r5gpfqvilop4S', 1, NULL, '2026-11-28 11:58:57.302+00', 'The target answered 410; a 2xx status was expected.', '2026-11-28 11:58:57.285+00', '2026-11-28 11:58:57.302+00'),
	('3Mjbu2ZB9IZJITFLs8YYfiL8FWq', 1, NULL, '2026-11-28 11:59:02.751+00', 'The target answered 500; a 2xx status was expected.', '2026-11-28 11:59:02.75+00', '2026-11-28 11:59:02.751+00'),
	('3MjbtLVaFs1AKHzt0EyMoAdRnMG', 5, NULL, '2026-11-28 11:59:02.838+00', 'The target answered 500; a 2xx status was expected.', '2026-11-28 11:59:02.837+00', '2026-11-28 11:58:57.297+00'),
	('3Mjbu3eANUDhp4NZ8qAS5gidruK', 0, NULL, NULL, NULL, NULL, NULL),
	('3Mjbu3liLYMJnRFuL8Bgk44f2CO', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.target_secrets (id, target_id, sealed, created_at, expires_at) VALUES
	('3MjbtLWWkZnLduCFxvk0PKe14iG', '3MjbtLVaFs1AKHzt0EyMoAdRnMG', '\x018c0cc17a6a8aec08f5c3c9dffe6e90217a72aab9c3340d23f13fdb72f28be7ae3c4ae30345ce16dc54f9f9ffa9dca9a8f0b5129134952849d2908b210c9c8296e594e45b3d1ae190dc60e917109960f90794', '2026-11-28 11:58:57.173+00', NULL),
	('3MjbtLZpUFMtTnGAY4bA42gpIzg', '3MjbtLZMEwfNK9r5gpfqvilop4S', '\x018c0cc17ae7499871cb1fc31e6d9b8d3d1d642a941ffb2d215f620eac8369058d624b730497c7ef62727a528192e0df52a3e7b3ca66e4f200a8287fc3e6680180704d776e22f23b6e7befb946eb45af846738', '2026-11-28 11:58:57.181+00', NULL),
	('3MjbtLPvHKoIqQJP3bvE6CLJl2G', '3MjbtLOyma25RG3wd3YBN5KMisC', '\x018c0cc17a37bb566b1449afb4fae00d8f0d08037bf781e24c7c9d49ead3cb1af046bc2f0a66c9198e46be2678260cba141acdf26a762092f307f8a5481c704ae9a48e16c3cdd881790256cfea7b1829fd3ea2', '2026-11-28 11:58:57.159+00', '2026-11-29 11:58:57.427+00'),
	('3MjbtNUi0Mz3sf45nUnPwqWG8em', '3MjbtLOyma25RG3wd3YBN5KMisC', '\x018c0cc17a7a805aa55e3c7ea11fd7aa35c37ffc570b4d3d7241d389c361a9ea76da3e52451b985eacb56b869cd6e9cb95a7c77c5310f5c1ef9676a40d6532531c62f33e96e7ea69c493192dcbebaffb60b55f', '2026-11-28 11:58:57.427+00', NULL),
	('3Mjbu2fmch3dVdeSs54hwdEAqAK', '3Mjbu2ZB9IZJITFLs8YYfiL8FWq', '\x018c0cc17ae70f533b293251d997a1c20af1caa2150bc97e0ac11536c68c4e4c500248ef9af29ee8875a376c19f9d2f0248b418b45cef118c51c5d8077af48469b19496f00864d72fb56613ee6a94b4d32dad0', '2026-11-28 11:59:02.712+00', NULL),
	('3Mjbu3fa7XelvTfJTUaJo6Cmwls', '3Mjbu3eANUDhp4NZ8qAS5gidruK', '\x018c0cc17ad9e9ca509a9eb3ce639e8744e0941778d2541aef08405bc22b80fb9abc6a9a1bb9bab74f42e7a19bec11f1ea436f7794d8b754559c2ebb220ee4ec1b618ae0b4b8170c339c010d88f6a643afcd83', '2026-11-28 11:59:02.854+00', NULL),
	('3Mjbu3mBawaocK92sTXky1zN5f6', '3Mjbu3liLYMJnRFuL8Bgk44f2CO', '\x018c0cc17a4486162b058dfab835725a8f6f6098c157e9e09eb061350bc36be418656a4f3297c1dff9e7608db4bff65cbe64edece10eb079758525c3acc3793cd7291e291f84ea824a00f7217b69d91ed339c3', '2026-11-28 11:59:02.87+00', NULL);

INSERT INTO public.used_signatures (signature, expires_at) VALUES
	('\x7aa864f26f66ec7aaa74a4bbd5aca99a9a64435d4d1f67b14b821a3635a63303d8372a57b7352389679ce92afb6c643174fb7eb30280c0e7000ed6eb3e45d808', '2026-11-28 12:09:06.125+00');

INSERT INTO public.webhook_targets (id, organization_id, url, name, description, global, event_types, customer_ids, max_concurrency, rate_limit_per_second, status, disabled_reason, created_at, updated_at, deleted_at) VALUES
	('3MjbtLVaFs1AKHzt0EyMoAdRnMG', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/fails', NULL, NULL, false, '{parcel.created,parcel.fails}', '{one}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:58:57.173+00', '2026-11-28 11:58:57.173+00', NULL),
	('3MjbtLZMEwfNK9r5gpfqvilop4S', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/gone', NULL, 'answers 410', true, '{}', '{}', NULL, NULL, 'DISABLED', 'The target answered 410 Gone, which asks for no more requests. Once the target receives again, set its status to ACTIVE.', '2026-11-28 11:58:57.181+00', '2026-11-28 11:58:57.322+00', NULL),
	('3MjbtLOyma25RG3wd3YBN5KMisC', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/ok', 'well', NULL, false, '{parcel.created}', '{}', 4, NULL, 'ACTIVE', NULL, '2026-11-28 11:58:57.159+00', '2026-11-28 11:58:57.427+00', NULL),
	('3Mjbu2ZB9IZJITFLs8YYfiL8FWq', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/fails', NULL, NULL, false, '{parcel.fails}', '{two}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:59:02.712+00', '2026-11-28 11:59:02.838+00', '2026-11-28 11:59:02.838+00'),
	('3Mjbu3eANUDhp4NZ8qAS5gidruK', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/paused', NULL, NULL, false, '{parcel.hangs}', '{}', NULL, NULL, 'PAUSED', NULL, '2026-11-28 11:59:02.854+00', '2026-11-28 11:59:02.864+00', NULL),
	('3Mjbu3liLYMJnRFuL8Bgk44f2CO', '3MjbtE9PMPzQXCVM79Qnqe4S2jo', 'http://127.0.0.1:4010/hangs', NULL, NULL, false, '{parcel.hangs}', '{}', NULL, NULL, 'ACTIVE', NULL, '2026-11-28 11:59:02.87+00', '2026-11-28 11:59:02.87+00', NULL);

SELECT pg_catalog.setval('public.delivery_changes_seq_seq', 23, true);

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

