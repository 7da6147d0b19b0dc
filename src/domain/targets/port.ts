/**
 * Which ports a request may go to. Customers run receivers on many ports: 443, 8443, 9443, whatever their tunnel gave them.
 * So a port is allowed unless another protocol owns it: what listens there is not a receiver of webhooks, and some of these
 * protocols obey a POST as a command.
 */

/** Ports that no browser connects to: port blocking of the Fetch standard (fetch.spec.whatwg.org/#port-blocking). */
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Default ports of databases, caches, queues and tools that administer machines. Some of these speak HTTP. */
const OTHER_SERVICES: readonly (readonly [service: string, ...ports: number[]])[] = [
  ['SMB', 445],
  ['Microsoft SQL Server', 1433, 1434],
  ['Oracle Database', 1521],
  ['ZooKeeper', 2181],
  ['the Docker API', 2375, 2376, 2377],
  ['etcd', 2379, 2380],
  ['MySQL', 3306],
  ['Remote Desktop', 3389],
  ['Erlang port mapping', 4369],
  ['NATS', 4222],
  ['PostgreSQL', 5432],
  ['RabbitMQ', 5671, 5672, 15672],
  ['VNC', 5900],
  ['CouchDB', 5984],
  ['WinRM', 5985, 5986],
  ['PgBouncer', 6432],
  ['Redis', 6379, 6380, 16379],
  ['the Kubernetes API', 6443],
  ['Cassandra', 7000, 7001, 9042],
  ['InfluxDB', 8086],
  ['Consul', 8500, 8501],
  ['Kafka', 9092, 9093],
  ['Elasticsearch', 9200, 9300],
  ['the Kubernetes node agent', 10250, 10255],
  ['memcached', 11211],
  ['CockroachDB', 26257],
  ['MongoDB', 27017, 27018, 27019],
];

const SERVICES = new Map(OTHER_SERVICES.flatMap(([service, ...ports]) => ports.map((port) => [port, service])));

export type PortPolicy = {
  /** Only these ports, whatever the lists say; undefined: every port that no other protocol owns. */
  readonly allowedPorts?: readonly number[] | undefined;
};

/** Undefined when a request may go to the port; otherwise what was expected and what came. */
export function refusePort(port: number, { allowedPorts }: PortPolicy): string | undefined {
  if (allowedPorts) {
    return allowedPorts.includes(port) ? undefined : `Expected port ${allowedPorts.join(', ')}, got ${port}`;
  }
  const service = SERVICES.get(port) ?? (BAD_PORTS.has(port) ? 'a protocol that is not HTTP' : undefined);
  return service && `Expected a port for HTTP, got ${port}, the port of ${service}`;
}
