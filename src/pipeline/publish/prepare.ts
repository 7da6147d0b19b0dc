/**
 * Finds out about a request what may take time, outside the transactions that publishers share: whether its data
 * satisfies the JSON Schemas of its types, and whether it repeats or contradicts an earlier event.
 */
import type { Sql } from '../../database/statement.ts';
import { createCheckBudget, type CheckBudget } from '../../domain/schemas/budget.ts';
import type { SchemaChecks, StoredSchema, Violations } from '../../domain/schemas/checks.ts';
import { findRivals, readRepeats } from './compare-content.ts';
import type { Findings, Missing } from './findings.ts';
import type { Draft, PublishCaller } from './input.ts';

export type Prepared = { readonly drafts: readonly Draft[]; readonly findings: Findings };

export type Preparer = {
  /** Finds out what needs no look into the database. Undefined: there is nothing to wait for. */
  begin(request: Prepared): Promise<void> | undefined;
  /** Finds out what a plan found missing. */
  complete(request: Prepared, missing: Missing): Promise<void>;
};

/** An event type with a schema, as it was when it was read. */
type KnownType = { readonly version: string; readonly schema: StoredSchema };

export function createPreparers(sql: Sql, schemas: SchemaChecks): (caller: PublishCaller) => Preparer {
  const known = new Map<string, KnownType>();

  /** Checks the data of these event types against their known schemas, and notes the result. */
  function check(
    { drafts, findings }: Prepared,
    eventTypes: ReadonlySet<string>,
    organizationId: string,
    budget: CheckBudget,
  ): Promise<void> | undefined {
    const checked = drafts.filter(({ eventType }) => eventTypes.has(eventType));
    const items = checked.map(({ eventType, dataText }) => ({ schema: known.get(eventType)!.schema, dataText }));
    for (const name of eventTypes) findings.versions.set(name, known.get(name)!.version);
    const note = (violations: Violations) => {
      for (const [index, draft] of checked.entries()) {
        const violation = violations[index];
        if (violation === undefined) findings.violations.delete(draft);
        else findings.violations.set(draft, violation);
      }
    };
    const violations = schemas.check(organizationId, items, budget);
    if (violations instanceof Promise) return violations.then(note);
    return note(violations) as undefined;
  }

  async function readSchemas(names: ReadonlySet<string>): Promise<Set<string>> {
    const { rows } = await sql.query<SchemaRow>(SCHEMAS, [[...names]]);
    for (const { name, version, schema } of rows) {
      if (known.get(name)?.version !== version) known.set(name, { version, schema: schemas.open(schema ?? true) });
    }
    return new Set(rows.map(({ name }) => name));
  }

  return ({ organizationId, checkBudget: budget = createCheckBudget() }) => ({
    begin(request) {
      const { drafts, findings } = request;
      const eventTypes = new Set(drafts.map(({ eventType }) => eventType).filter((name) => known.has(name)));
      const checking = eventTypes.size > 0 ? check(request, eventTypes, organizationId, budget) : undefined;
      const comparing = drafts.length > 1 ? findRivals(drafts) : undefined;
      if (!comparing) return checking;
      return Promise.all([checking, comparing]).then(([, rivals]) => {
        for (const [draft, first] of rivals) findings.rivals.set(draft, first);
      });
    },

    async complete(request, { eventTypes, repeats }) {
      if (eventTypes.size > 0) await check(request, await readSchemas(eventTypes), organizationId, budget);
      if (repeats.size === 0) return;
      for (const [draft, repeat] of await readRepeats(sql, repeats)) request.findings.repeats.set(draft, repeat);
    },
  });
}

type SchemaRow = { readonly name: string; readonly version: string; readonly schema: object | boolean | null };

const SCHEMAS = `
  select name, schema, updated_at::text as version from event_types where name = any($1) and schema is not null`;
