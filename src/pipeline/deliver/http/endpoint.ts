/** The server that requests to a target go to, and who sends them. */
import type { ClientIdentity } from './client-identity.ts';

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

/** An endpoint, as one organization uses it with one client certificate, or none: nobody else gets its sessions and connections. */
export type Place = {
  readonly organizationId: string;
  readonly endpoint: Endpoint;
  readonly identity: ClientIdentity | null;
};

/** A text that is equal for equal places. */
export const nameOfPlace = ({ organizationId, endpoint, identity }: Place): string =>
  identity === null ? `${organizationId} ${endpoint.origin}` : `${organizationId} ${endpoint.origin} ${identity.name}`;
