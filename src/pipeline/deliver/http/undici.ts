/**
 * The parts of undici that are used. Its index loads fetch, caches and mocks too, and 90 modules more would stay in memory in
 * each process.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export type Client = import('undici').Client;
export const Client = require('undici/lib/dispatcher/client.js') as typeof import('undici').Client;
export const { HTTPParserError } = require('undici/lib/core/errors.js') as typeof import('undici').errors;
