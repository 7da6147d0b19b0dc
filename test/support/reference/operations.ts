/**
 * The operations, headers, fields and values that the reference documents name,
 * in their words; test/reference/README.md has each.
 */
export const DOCUMENTED: Readonly<Record<string, string>> = {
  guide: `POST /webhooks/targets; GET /webhooks/targets; PATCH /webhooks/targets/{webhook_id};
    DELETE /webhooks/targets/{webhook_id}; url; global; event_types; id; created_at; X-API-Key; X-Idempotency-Key;
    X-Webhook-Signature; X-Webhook-Timestamp; X-Dakota-Event-ID; X-Dakota-Event-Type; X-Dakota-Delivery-Attempt`,
  'update target': `PATCH /webhooks/targets/{webhook_target_id}; x-api-key; x-idempotency-key; webhook_target_id; global;
    event_types; id; url; time_last_healthy; time_last_attempted`,
  daya: `PATCH /public/v1/webhooks/{id}; X-Api-Key; id; url; events; status; active; paused; description; success; message;
    data; timestamp; failure_count; last_success_at; last_failure_at; last_failure_reason; created_at; updated_at;
    VALIDATION_ERROR`,
  dfns: `PUT /webhooks/{webhookId}; Authorization: Bearer; X-DFNS-USERACTION; Webhooks:Update; webhookId; url; description;
    events; status; Enabled; Disabled; id; dateCreated; dateUpdated; secret`,
  overview: `GET /webhooks; POST /webhooks; GET /webhooks/:id; PATCH /webhooks/:id; DELETE /webhooks/:id;
    POST /webhooks/:id/rotate-secret; GET /webhooks/event-types; GET /webhooks/events; GET /webhooks/events/:id;
    POST /webhooks/events/:id/retry; next_cursor; url; event_types; Idempotency-Key; webhook; active; signing_secret;
    updated_at; pending; delivered; failed; webhook_id; queued`,
};
