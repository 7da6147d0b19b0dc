/**
 * The verification code of the Dakota webhooks guide, carried over unchanged, as functions for tests. Both read the real
 * clock and allow five minutes: sign with the real time.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../processes/start.ts';

/** As Node's `req.headers` has them: names in lower case. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

type GuideArguments = readonly [signature: unknown, timestamp: unknown, body: string, publicKeyHex: string];

const argumentsOf = (headers: ReceivedHeaders, body: string, publicKeyHex: string): GuideArguments => [
  headers['x-webhook-signature'],
  headers['x-webhook-timestamp'],
  body,
  publicKeyHex,
];

/** What the guide's Node.js code says of a request as received. It explains a refusal on console.error. */
export function verifyWithGuideNode(headers: ReceivedHeaders, body: string, publicKeyHex: string): boolean {
  const { verifyWebhookSignature } = createRequire(import.meta.url)('./verify-webhook-signature.cjs') as {
    verifyWebhookSignature: (...args: GuideArguments) => boolean;
  };
  return verifyWebhookSignature(...argumentsOf(headers, body, publicKeyHex));
}

export type PythonVerdict = {
  readonly accepted: boolean;
  /** `cryptography <version>`, or `stand-in` on machines without that package. */
  readonly library: string;
};

/** What the guide's Python code says of a request as received. Call it only where `hasPython()`. */
export async function verifyWithGuidePython(
  headers: ReceivedHeaders,
  body: string,
  publicKeyHex: string,
): Promise<boolean> {
  return (await runGuidePython(headers, body, publicKeyHex)).accepted;
}

/** The same with the library that was used; `--stand-in` forces the one that comes with the tests. */
export async function runGuidePython(
  headers: ReceivedHeaders,
  body: string,
  publicKeyHex: string,
  ...flags: readonly '--stand-in'[]
): Promise<PythonVerdict> {
  const input = JSON.stringify(argumentsOf(headers, body, publicKeyHex).map((value) => value ?? null));
  const output = await runPython([fileURLToPath(new URL('run_guide.py', import.meta.url)), ...flags], input);
  return JSON.parse(output) as PythonVerdict;
}

/** Whether there is a python3 at all. Where not, skip: `context.skip('python3 is not installed')`. */
export async function hasPython(): Promise<boolean> {
  try {
    await runPython(['--version'], '');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Without -B Python would leave byte code beside the sources. */
const runPython = async (args: readonly string[], input: string): Promise<string> =>
  (await runProcess('python3', ['-B', ...args], { input })).stdout;
