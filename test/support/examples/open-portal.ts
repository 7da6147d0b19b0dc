type Session = { readonly url: string; readonly token: string };

/** On your server: a session for one of your customers, for an hour. `apiKey` stays there. */
export async function openPortal(service: string, apiKey: string, organizationId?: string): Promise<Session> {
  const query = `mutation ($input: CreatePortalSessionInput!) {
    createPortalSession(input: $input) { url token userErrors { message } }
  }`;
  const input = { organizationId, scopes: ['TARGETS_WRITE', 'DELIVERIES_WRITE', 'EVENTS_READ'] };
  const response = await fetch(`${service}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  const { url, token, userErrors } = data?.createPortalSession ?? { userErrors: errors };
  if (userErrors.length > 0) throw new Error(userErrors[0].message);
  return { url, token };
}
