/** Every line, in the order of the table. */
import type { Line } from '../line.ts';
import { oneBesideEmbedded, twentyBesideEmbedded } from './beside-embedded.ts';
import { backlogAfterOutage } from './backlog.ts';
import { besidePeer } from './beside-peer.ts';
import { cursorOfChange } from './cursors.ts';
import { atItsKnee, thatRefuses } from './bearing.ts';
import { deliverToOne, deliverToTwenty } from './deliver.ts';
import { fullToThousand, streamToHundred, streamToThousand } from './streams/fan-out-stream.ts';
import { distantOne, distantTwenty } from './distant.ts';
import { fanOut } from './fan-out/fan-out.ts';
import { filtered } from './fan-out/filtered.ts';
import { oldHistory } from './history.ts';
import { commitLatency, ofOneDelivery, retention, workerAtDistance, workersOnOne } from './growing.ts';
import { hostileMix } from './hostile-mix.ts';
import { manyHang } from './many-hang.ts';
import { hungTarget } from './hung-target.ts';
import { memory } from './memory.ts';
import { limits } from './limits.ts';
import { idleApart, idleLatency, outcomeToSubscriber } from './latency.ts';
import { keysBesideUnordered, oneByOne } from './ordered.ts';
import { newConnection } from './new-connection.ts';
import { catchingUp, subscriberFarAway, subscriberNearby } from './streams/one-subscriber.ts';
import { pageFrames } from './streams/page-frames.ts';
import { publishBatch } from './publish-batch.ts';
import { publish } from './publish.ts';
import { recovery } from './recovery.ts';
import { statistics } from './statistics.ts';
import { subscribersOnSockets, subscribersSharing } from './streams/subscribers.ts';
import { deliverOverTls } from './tls.ts';
import { workerMemory } from './worker-memory.ts';
import { workers } from './workers.ts';

export const LINES: readonly Line[] = [
  deliverToTwenty,
  deliverToOne,
  twentyBesideEmbedded,
  oneBesideEmbedded,
  deliverOverTls,
  newConnection,
  workers,
  publish,
  publishBatch,
  idleLatency,
  idleApart,
  outcomeToSubscriber,
  fanOut,
  filtered,
  subscribersOnSockets,
  subscribersSharing,
  streamToHundred,
  streamToThousand,
  fullToThousand,
  subscriberNearby,
  subscriberFarAway,
  catchingUp,
  pageFrames,
  cursorOfChange,
  atItsKnee,
  thatRefuses,
  distantTwenty,
  distantOne,
  hungTarget,
  manyHang,
  recovery,
  hostileMix,
  limits,
  keysBesideUnordered,
  oneByOne,
  memory,
  besidePeer,
  backlogAfterOutage,
  statistics,
  oldHistory,
  workerMemory,
  ofOneDelivery,
  workerAtDistance,
  workersOnOne,
  commitLatency,
  retention,
];
