/** The webhook targets of a service, as commands show them. */
import { ask } from './ask.ts';
import type { CommandAccess } from './service-access.ts';

export type ListedTarget = {
  readonly id: string;
  readonly url: string;
  readonly name: string | null;
  readonly status: 'ACTIVE' | 'PAUSED' | 'DISABLED';
  readonly global: boolean;
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
  readonly filter: unknown;
};

/** Of every command that shows a target. */
export const TARGET_FIELDS = `id url name description status disabledReason global eventTypes customerIds filter
  hasSigningSecret failureCount lastSuccessAt lastFailureAt lastFailureReason createdAt updatedAt`;

/** The same for --help. */
export const TARGET_HELP = `{ "id", "url", "name", "description", "status", "disabledReason", "global", "eventTypes",
          "customerIds", "filter", "hasSigningSecret", "failureCount", "lastSuccessAt", "lastFailureAt",
          "lastFailureReason", "createdAt", "updatedAt" }`;

/** The argument that names a target. */
export const TARGET_ID = 'ID of a target; `hookcast targets list` shows them';

const LIST = `query Targets($after: String) {
  webhookTargets(first: 100, after: $after) { nodes { ${TARGET_FIELDS} } pageInfo { hasNextPage endCursor } }
}`;

type Page = {
  readonly webhookTargets: {
    readonly nodes: readonly ListedTarget[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

/** All of them, newest first. */
export async function readTargets(access: CommandAccess): Promise<ListedTarget[]> {
  const targets: ListedTarget[] = [];
  for (let after: string | null = null; ;) {
    const { webhookTargets }: Page = await ask<Page>(access, { document: LIST, variables: { after } });
    targets.push(...webhookTargets.nodes);
    if (!webhookTargets.pageInfo.hasNextPage) return targets;
    after = webhookTargets.pageInfo.endCursor;
  }
}
