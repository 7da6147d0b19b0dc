/** The health of a target comes with changes of its status, and with attempts: two streams, and neither waits for the other. */
import type { TargetHealthFragment } from '../generated/graphql.ts';

/** Of the same target. A change of its status may begin to count anew, so it counts unless an attempt came after it. */
export function newestHealth(
  withStatus: TargetHealthFragment,
  withAttempt: TargetHealthFragment | undefined,
): TargetHealthFragment {
  return withAttempt && attemptedAt(withAttempt) > attemptedAt(withStatus) ? withAttempt : withStatus;
}

/** When the newest attempt ended that is known; empty before the first. Dates of the service are compared as texts. */
const attemptedAt = ({ lastSuccessAt, lastFailureAt }: TargetHealthFragment): string =>
  [lastSuccessAt ?? '', lastFailureAt ?? ''].toSorted()[1]!;
