import { readArguments, type Command } from './command.ts';

export const doctorCommand: Command = {
  summary: 'look at all that the service needs, a line for each finding',
  help: `Usage: hookcast doctor [--url URL]

Looks at the settings, the machine, PostgreSQL with its settings, the rights of the role, the clocks, the master key,
the name servers and the way to a receiver, says what the next start would make in the database or refuse, and writes
nothing. Run it with the environment of the service, where the service runs: before the first start, before an upgrade,
and when something is wrong.

Options:
  --url URL    opens a connection to this receiver as to a target, through the egress proxy where one is set, and sends
               nothing

Output: [{ "check", "status": "ok", "warn" or "fail", "text" }], and a line for each on standard error
Exit code 1 when a finding is "fail".

Examples:
  hookcast doctor
  hookcast doctor --url https://receiver.example.com/webhooks`,
  async run(args, say) {
    const { values } = readArguments(args, { options: { url: { type: 'string' } } });
    const { examine } = await import('../app/doctor/examine.ts');
    const findings = [];
    for await (const finding of examine({ url: values.url })) {
      findings.push(finding);
      say(`${finding.status.padEnd(4)}  ${finding.check.padEnd(8)}  ${finding.text.replaceAll('\n', ' ')}`);
    }
    const broken = findings.filter(({ status }) => status === 'fail').length;
    return { result: findings, failures: broken > 0 ? [`${broken} of ${findings.length} findings need a cure.`] : [] };
  },
};
