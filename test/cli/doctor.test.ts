/** `hookcast doctor`: a line for each finding, and an exit code. */
import { expect, test } from 'vitest';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';

test('each finding is one line on standard error, and all of them are the JSON document', async () => {
  const environment = { DATABASE_URL: await createDatabaseUrl(), MASTER_KEY };
  const { exitCode, stdout, stderr } = await runCli(['doctor'], { environment });
  const findings = JSON.parse(stdout) as { check: string; status: string; text: string }[];
  expect(exitCode).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual(
    findings.map(({ check, status, text }) => [status, check, text]),
  );
});

test('a finding that needs a cure is exit code 1', async () => {
  const { exitCode, stdout, stderr } = await runCli(['doctor'], { environment: { PORT: 'many' } });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual([
    { check: 'settings', status: 'fail', text: expect.stringContaining('PORT: expected') },
  ]);
  expect(stderr).toContain('1 of 1 findings need a cure.');
});
