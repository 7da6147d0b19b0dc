/**
 * For front ends: follows the live streams of Hookcast without losing a change, and keeps lists current. Runs in browsers and in
 * Node; needs nothing else. React, Apollo Client, urql and Relay have entries of their own.
 */
export type { WatchTransport } from './transport/choose-transport.ts';
export { execute, type ServiceAccess, type ExecuteOptions } from './request/execute.ts';
export type { AnyDocument, TypedDocument } from './request/print-document.ts';
export { liveList, type LiveList, type LiveListOptions, type LiveListView } from './live-list.ts';
export { watch } from './watch.ts';
export type { CursorStore, Results, WatchOptions, WatchResult, WatchState } from './watch-options.ts';
export { isFinal, WatchError, type GraphqlFault } from './request/watch-error.ts';
