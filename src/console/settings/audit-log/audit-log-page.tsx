/** Who changed what. The filter stands in the address, so that a finding can be sent to somebody. */
import { useSearchParams } from 'wouter';
import { usePages } from '../../api/use-pages.ts';
import type { AuditLogQuery } from '../../generated/graphql.ts';
import { Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Id } from '../../ui/text/id.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageList } from '../../ui/tables/page-list.tsx';
import type { Column } from '../../ui/tables/table.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import '../settings.css';
import { changedFields } from './changed-fields.ts';
import { AUDIT_LOG } from './documents.ts';

type Entry = AuditLogQuery['auditLog']['nodes'][number];

const FILTERS = [
  ['operation', 'Operation', 'createWebhookTarget'],
  ['subjectId', 'Id of what was changed', undefined],
  ['apiKeyId', 'Id of the API key', undefined],
] as const;

const ACTORS: Readonly<Record<Entry['actor'], string>> = {
  API_KEY: 'API key',
  PORTAL_SESSION: 'in the portal',
  PLATFORM: 'the platform',
  COMMAND_LINE: 'command line',
  SERVICE: 'the service',
};

export function AuditLogPage() {
  const [search, setSearch] = useSearchParams();
  const given = FILTERS.flatMap(([name]) => (search.get(name) ? [[name, search.get(name)!] as const] : []));
  const { operation, ...ids } = Object.fromEntries(given);
  const filter = { ...ids, ...(operation !== undefined && { operation: [operation] }) };
  const pages = usePages(AUDIT_LOG, { filter }, (data) => data.auditLog);
  const change = (form: FormData): void => {
    const values = FILTERS.map(([name]) => [name, String(form.get(name)).trim()]);
    setSearch(new URLSearchParams(values.filter(([, value]) => value !== '')), { replace: true });
  };
  return (
    <>
      <div className="page-head">
        <h1>Audit log</h1>
      </div>
      <Form className="filters" role="search" aria-label="Which changes" onSubmit={change}>
        {FILTERS.map(([name, label, example]) => (
          <Field key={name} label={label}>
            {(input) => (
              <input
                {...input}
                key={search.get(name)}
                name={name}
                defaultValue={search.get(name) ?? ''}
                placeholder={example}
                spellCheck={false}
              />
            )}
          </Field>
        ))}
        <button type="submit">Find</button>
      </Form>
      <PageList
        what="The audit log"
        pages={pages}
        columns={COLUMNS}
        empty={
          given.length > 0 ? (
            <Notice title="No change is like that">Take away a part of the filter to see more.</Notice>
          ) : (
            <Notice title="Nothing was changed yet">Changes of targets, keys and settings will stand here.</Notice>
          )
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<Entry>[] = [
  { name: 'When', cell: ({ at }) => <Time at={at} /> },
  {
    name: 'Who',
    className: 'short-id',
    cell: ({ actor, apiKeyName, apiKeyId }) => (
      <>
        {apiKeyName == null ? ACTORS[actor] : <Text value={apiKeyName} />}
        {apiKeyId != null && (
          <small>
            <Id id={apiKeyId} />
          </small>
        )}
      </>
    ),
  },
  { name: 'Did', kind: 'head', className: 'operation', cell: ({ operation }) => <code>{operation}</code> },
  {
    name: 'To',
    className: 'short-id',
    cell: ({ subjectType, subjectId }) => (
      <>
        {subjectType}
        {subjectId != null && (
          <small>
            <Id id={subjectId} />
          </small>
        )}
      </>
    ),
  },
  { name: 'Changed', className: 'across', cell: (entry) => <Changes entry={entry} /> },
];

/**
 * What is shown at once. A longer entry,
 * such as a target that was made or the schema of an event type, is opened by the reader.
 */
const SHOWN_AT_ONCE = { fields: 3, characters: 400 };

function Changes({ entry: { before, after } }: { readonly entry: Entry }) {
  const fields = changedFields(before, after);
  const length = fields.reduce((sum, { before: old, after: now }) => sum + (old?.length ?? 0) + (now?.length ?? 0), 0);
  return (
    <details open={fields.length <= SHOWN_AT_ONCE.fields && length <= SHOWN_AT_ONCE.characters}>
      <summary>
        <Text value={fields.map(({ name }) => name).join(', ')} />
      </summary>
      <dl className="changes">
        {fields.map(({ name, before: old, after: now }) => (
          <div key={name}>
            <dt>
              <Text value={name} />
            </dt>
            <dd>
              {old !== null && (
                <del>
                  <Text value={old} />
                </del>
              )}{' '}
              {now !== null && (
                <ins>
                  <Text value={now} />
                </ins>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
