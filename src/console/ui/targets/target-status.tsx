import type { WebhookTargetStatus } from '../../generated/graphql.ts';
import './target-status.css';

/** The status of a target, by word and shape; the colour only repeats them. */
const WORDS: Readonly<Record<WebhookTargetStatus, readonly [shape: string, word: string]>> = {
  ACTIVE: ['●', 'Active'],
  PAUSED: ['‖', 'Paused'],
  DISABLED: ['✕', 'Disabled'],
};

export const TARGET_STATUSES = Object.keys(WORDS) as readonly WebhookTargetStatus[];

export const TargetStatus = ({ status }: { readonly status: WebhookTargetStatus }) => (
  <span className="status" data-status={status}>
    <span aria-hidden="true">{WORDS[status][0]}</span> {WORDS[status][1]}
  </span>
);
