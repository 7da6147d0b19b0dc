/** All histories of changes. */
import { DELIVERY_CHANGES } from './delivery-changes.ts';
import { EVENT_CHANGES } from './event-changes.ts';
import { REPLAY_CHANGES } from './replay-changes.ts';
import { TARGET_CHANGES } from './target-changes.ts';

export const CHANGE_TABLES = [DELIVERY_CHANGES, TARGET_CHANGES, EVENT_CHANGES, REPLAY_CHANGES] as const;
