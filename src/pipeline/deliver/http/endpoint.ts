/** The server that requests to a target go to. */

export type Endpoint = {
  /** scheme://host:port, normalised. */
  readonly origin: string;
  /** The host, and the port unless it is the default, as error messages name it. */
  readonly host: string;
  /** Name or IP address; IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
};

/** An endpoint, as one organization uses it: sessions and connections are kept for one organization only. */
export type Place = { readonly organizationId: string; readonly endpoint: Endpoint };
