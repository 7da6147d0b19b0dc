/** Where requests go. */

export type Endpoint = {
  /** scheme://host:port, normalised. */
  readonly origin: string;
  /** Host and, unless it is the default, port: what error messages name. */
  readonly host: string;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
};

/** Sessions are resumed, as connections are kept, for one organization only. */
export type Place = { readonly organizationId: string; readonly endpoint: Endpoint };
