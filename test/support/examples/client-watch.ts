import { execute, watch } from '@hookcast/client';

const CHANGES = `subscription Changes($after: String) {
  deliveryStatusChanged(after: $after) { cursor status delivery { id } }
}`;

type Changes = { deliveryStatusChanged: { status: string; delivery: { id: string } } };
type Options = { url: string; getApiKey: () => Promise<string>; transport: 'auto' | 'websocket' | 'sse' };

export async function showChanges(options: Options, show: (id: string) => void, showState: (state: string) => void) {
  const now = '{ deliveryStreamCursor }';
  const changes = watch<Changes>({
    ...options,
    document: CHANGES,
    after: async () =>
      (await execute<{ deliveryStreamCursor: string }>({ ...options, document: now })).deliveryStreamCursor,
    onState: showState,
  });
  for await (const { data } of changes) show(data.deliveryStatusChanged.delivery.id);
}
