/** DATABASE_URL: what it may say, and what is said of it when it is wrong. */
import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../../src/database/connect/database-url.ts';

const ONE = { host: 'db.example.com', port: 5432 };

describe('a connection string', () => {
  test('names host, port, user, password and database', () => {
    expect(parseDatabaseUrl('postgresql://app:secret@db.example.com:6432/events')).toMatchObject({
      hosts: [{ host: 'db.example.com', port: 6432 }],
      user: 'app',
      password: 'secret',
      database: 'events',
      schema: 'public',
      ssl: false,
      options: undefined,
    });
  });

  test.each([
    ['postgres://app@db.example.com/events', [ONE]],
    [
      'postgresql://app@h1:1,h2:2/events',
      [
        { host: 'h1', port: 1 },
        { host: 'h2', port: 2 },
      ],
    ],
    [
      'postgresql://app@h1,h2/events?port=7',
      [
        { host: 'h1', port: 7 },
        { host: 'h2', port: 7 },
      ],
    ],
    [
      'postgresql://app@/events?host=h1,h2&port=1,2',
      [
        { host: 'h1', port: 1 },
        { host: 'h2', port: 2 },
      ],
    ],
    [
      'postgresql://app@[::1]:5433,[fd00::2]/events',
      [
        { host: '::1', port: 5433 },
        { host: 'fd00::2', port: 5432 },
      ],
    ],
    ['postgresql://app@/events?host=/var/run/postgresql', [{ host: '/var/run/postgresql', port: 5432 }]],
    ['postgresql://app@%2Fvar%2Frun%2Fpostgresql/events', [{ host: '/var/run/postgresql', port: 5432 }]],
    ['postgresql:///events', [{ host: 'localhost', port: 5432 }]],
  ])('%s has its hosts in order', (url, hosts) => {
    expect(parseDatabaseUrl(url).hosts).toEqual(hosts);
  });

  test('a password may hold an @ as it is, and everything as an escape', () => {
    expect(parseDatabaseUrl('postgresql://app:p@ss:w@h/events').password).toBe('p@ss:w');
    expect(parseDatabaseUrl('postgresql://app:%3A%2F%3F%23%25%40@h/events').password).toBe(':/?#%@');
  });

  test('a parameter that the service sets itself is left out, one of the operator is kept', () => {
    const url = 'postgresql://h/db?statement_timeout=0&options=-c%20geqo=off&application_name=ours&connection_limit=1';
    expect(parseDatabaseUrl(url)).toMatchObject({ options: '-c geqo=off', applicationName: 'ours' });
  });
});

describe('TLS', () => {
  test.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=require', {}],
    ['?sslmode=verify-full', {}],
    ['?ssl=true', {}],
    ['?sslmode=no-verify', { rejectUnauthorized: false }],
    ['?sslmode=require&uselibpqcompat=true', { rejectUnauthorized: false }],
    ['?sslmode=verify-full&uselibpqcompat=true', {}],
    ['?channel_binding=prefer&gssencmode=disable', false],
  ])('%s', (query, ssl) => {
    expect(parseDatabaseUrl(`postgresql://h/db${query}`).ssl).toEqual(ssl);
  });
});

describe('what is wrong is said without the password', () => {
  test.each([
    ['postgresql://app:se/cret@h/db', /%2F/],
    ['postgresql://app:secret@h:port/db', /%3A/],
    ['postgresql://app:se?cret@h/db', /%3F/],
    ['postgresql://app:ab?schema=secret@h/db', /%3F/],
    ['postgresql://app:ab?sslmode=secret@h/db', /%3F/],
    ['postgresql://secret:99999999/db', /ports from 1 to 65535, after user:password@/],
    ['postgresql://app@h/db?secret%2Fx=1', /parameters that are known/],
    ['postgresql://app:secret@h/db?channel_binding=require', /channel_binding=require.*sslmode=verify-full/],
    ['postgresql://app:secret@h/db?gssencmode=require', /gssencmode=require/],
    [
      `postgresql://app:secret@h/db?sslcert=${import.meta.filename}&sslkey=${import.meta.filename}`,
      /sslcert and sslkey.*PEM/,
    ],
    ['postgresql://app:secret@h:0/db', /ports from 1 to 65535/],
    ['postgresql://app:secret%@h/db', /%-escapes/],
    ['postgresql://app:secret@h/db?sslmod=verify-full', /not sslmod$/],
    ['postgresql://app:secret@h/db?sslmode=safe', /sslmode.*verify-full.*not "safe"/],
    ['postgresql://app:secret@h/db?schema=My-App', /schema.*lower-case.*not "My-App"/],
    ['postgresql://app:secret@h/db?schema=pg_app', /schema.*not "pg_app"/],
    ['postgresql://app:secret@h/db?target_session_attrs=standby', /read-write.*not "standby"/],
    ['postgresql://app:secret@h1,h2,h3/db?port=1,2', /one for each; 2 ports for 3 hosts/],
    [
      'postgresql://app:secret@h/db?sslmode=verify-full&sslrootcert=/no/such.pem',
      /sslrootcert.*\/no\/such\.pem.*ENOENT/,
    ],
  ])('%s', (url, message) => {
    const parse = () => parseDatabaseUrl(url);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/se[/?]?cret|cret@|99999/);
  });
});
