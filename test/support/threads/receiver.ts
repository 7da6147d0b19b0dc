/** An HTTPS endpoint that answers 204. It runs in a thread: its answers come while the sender's loop does something else. */
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Certificate } from '../certificates/certificates.ts';

export type FromReceiver = { readonly port: number } | { readonly connections: number; readonly requests: number };

const tell = (message: FromReceiver) => parentPort!.postMessage(message);
let connections = 0;
let requests = 0;

const server = https.createServer(workerData as Certificate, (request, response) => {
  requests += 1;
  request.resume().on('end', () => response.writeHead(204).end());
});
server.on('secureConnection', () => (connections += 1));
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
parentPort!.on('message', () => tell({ connections, requests }));
