/** The organizations of the deployment, for the platform: found, made, and looked into. */
import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { setSession, useSession } from '../../api/session.ts';
import { usePages } from '../../api/use-pages.ts';
import { useViewer } from '../../api/viewer.tsx';
import type { OrganizationsQuery } from '../../generated/graphql.ts';
import { Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Id } from '../../ui/text/id.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageList } from '../../ui/tables/page-list.tsx';
import type { Column } from '../../ui/tables/table.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import { visibleLine } from '../../ui/visible.ts';
import '../settings.css';
import { ORGANIZATIONS } from './documents.ts';
import { NewOrganizationDialog } from './new-organization-dialog.tsx';

type Organization = OrganizationsQuery['organizations']['nodes'][number];

export function OrganizationsPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const pages = usePages(ORGANIZATIONS, { filter: { search } }, (data) => data.organizations);
  const [isMaking, setMaking] = useState(false);
  const find = (form: FormData): void => {
    const wanted = String(form.get('search')).trim();
    setParams(wanted === '' ? {} : { search: wanted }, { replace: true });
  };
  return (
    <>
      <div className="page-head">
        <h1>Organizations</h1>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          New organization
        </button>
      </div>
      <Form className="filters" role="search" aria-label="Which organizations" onSubmit={find}>
        <Field label="Part of the name">
          {(input) => <input {...input} key={search} name="search" defaultValue={search} spellCheck={false} />}
        </Field>
        <button type="submit">Find</button>
      </Form>
      <PageList
        what="The organizations"
        pages={pages}
        columns={COLUMNS}
        empty={<Notice title="No organization has such a name">Take a shorter part of the name.</Notice>}
      />
      {isMaking && <NewOrganizationDialog onClose={() => setMaking(false)} onMade={pages.reload} />}
    </>
  );
}

const COLUMNS: readonly Column<Organization>[] = [
  {
    name: 'Name',
    kind: 'head',
    cell: ({ name, id }) => (
      <>
        <Text value={name} />
        <small>
          <Id id={id} />
        </small>
      </>
    ),
  },
  { name: 'Your own id', cell: ({ externalId }) => (externalId == null ? '–' : <Text value={externalId} />) },
  { name: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { name: 'Action', kind: 'action', cell: (organization) => <LookInto organization={organization} /> },
];

function LookInto({ organization: { id, name } }: { readonly organization: Organization }) {
  const session = useSession();
  const isShown = useViewer().organization.id === id;
  const [, navigate] = useLocation();
  const lookInto = (): void => {
    setSession({ ...session!, organizationId: id });
    navigate('/');
  };
  if (isShown) return 'You see this one';
  return (
    <button type="button" onClick={lookInto} aria-label={`Look into ${visibleLine(name)}`}>
      Look into
    </button>
  );
}
