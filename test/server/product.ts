/** The product's schema behind the server, on a database of its own, and one operation over each transport. */
import { createContext } from '../../src/schema/index.ts';
import { createApi } from '../support/api.ts';
import { type GraphqlRequest, type GraphqlResult, openAcknowledged, postGraphql } from '../support/client.ts';
import { subscribeSse } from '../support/client.ts';
import { API_KEY, setup } from './setup.ts';

/** The statements of the API, of whatever transport, are in `api.statements`. */
export async function setupProduct() {
  const api = await createApi();
  const { id: organizationId } = await api.fixtures.organization();
  const caller = await api.caller(organizationId);
  const t = await setup({
    schema: api.schema,
    createContext: (holder, requestId) => createContext(api.services, holder, requestId),
    authenticator: { authenticate: async () => caller },
  });
  api.statements.length = 0;
  const dispose = async () => {
    await t[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  };
  return { ...t, api, organizationId, [Symbol.asyncDispose]: dispose };
}

/** What a transport answered: its first result, and the HTTP status where there is one. */
type Outcome = { readonly status?: number | undefined; readonly result: GraphqlResult };

export const TRANSPORTS: Readonly<Record<string, (url: string, request: GraphqlRequest) => Promise<Outcome>>> = {
  async HTTP(url, request) {
    const { status, body } = await postGraphql(url, request, { apiKey: API_KEY });
    return { status, result: body };
  },
  async SSE(url, request) {
    await using stream = await subscribeSse(url, request, { apiKey: API_KEY });
    const { data } = (await stream.next())!;
    return { status: stream.response.statusCode, result: data! };
  },
  async WebSocket(url, request) {
    await using socket = await openAcknowledged(url, API_KEY);
    socket.send({ id: '1', type: 'subscribe', payload: request });
    const { type, payload } = await socket.next();
    return { result: type === 'error' ? { errors: payload as never } : (payload as GraphqlResult) };
  },
};
