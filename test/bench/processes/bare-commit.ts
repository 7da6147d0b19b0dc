/**
 * The reference for latency: one committed row, then one POST, with nothing else. Each pair is made after a pause, as a
 * publisher of the idle system makes its events. Argument: { databaseUrl, url, count, pauseMs }.
 */
import pg from 'pg';
import { Agent, request } from 'undici';
import { sharedMs } from '../statistics.ts';

export type FromBareCommit = { readonly type: 'done' };

type Argument = {
  readonly databaseUrl: string;
  readonly url: string;
  readonly count: number;
  readonly pauseMs: number;
};

const { databaseUrl, url, count, pauseMs } = JSON.parse(process.argv[2]!) as Argument;
const client = new pg.Client({ connectionString: databaseUrl });
const dispatcher = new Agent({ connections: 1, pipelining: 1 });
const text = 'x'.repeat(850);

async function commitAndPost(): Promise<void> {
  const body = `{"data":{"sentAt":${sharedMs().toFixed(3)},"text":"${text}"}}`;
  await client.query({ name: 'insert', text: 'insert into bare_commits (body) values ($1)', values: [body] });
  const headers = { 'content-type': 'application/json' };
  const response = await request(url, { method: 'POST', headers, body, dispatcher });
  await response.body.dump();
}

process.on('disconnect', () => process.exit());
await client.connect();
await client.query('create table if not exists bare_commits (id bigserial primary key, body text not null)');
for (let made = 0; made < count; made++) {
  await commitAndPost();
  await new Promise((done) => setTimeout(done, pauseMs * 2 * Math.random()));
}
await client.end();
process.send!({ type: 'done' } satisfies FromBareCommit, () => process.exit());
