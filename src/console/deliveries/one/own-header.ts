/** Which headers of a request the target has chosen itself, such as its own API key: their values are often secrets. */

/** Those of the service, whatever its brand is. Nobody else may choose such a name, but for those of another brand. */
const OURS =
  /^(host|connection|user-agent|traceparent|content-(type|length)|x-webhook-(timestamp|signature)|webhook-(id|timestamp|signature)|x-[\w-]+-(event-id|event-type|delivery-attempt))$/i;

/** A header that is not known is taken for one of the target's own, so that no secret is shown. */
export const isOwnHeader = (name: string): boolean => !OURS.test(name);
