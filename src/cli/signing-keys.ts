import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../config.ts';
import { KEY_SET_MAX_AGE_SECONDS } from '../domain/signing/signing-key.ts';
import { asCommand, durationMs, readArguments, readOption, UsageError, type Command } from './command.ts';

const MOST_MS = 365 * 86_400_000;
/** By then every receiver has read the key set once more, even when its first try failed. */
const SAFE_SECONDS = 2 * KEY_SET_MAX_AGE_SECONDS;

export const listSigningKeys: Command = {
  summary: 'list the Ed25519 keys that sign requests, with their states',
  help: `Usage: hookcast signing-keys list

Lists the deployment's signing keys, newest first. States, in the order of a key's life:
  JOINING     workers begin to sign webhook-signature with it; receivers do not see it yet (15 seconds)
  PUBLISHED   in signingKeys and the JWKS: receivers learn it
  ACTIVE      signs X-Webhook-Signature too; exactly one key does
  RETIRING    signs webhook-signature beside the active one
  EXPIRED     signs nothing; destroyed by the next rotation

Output: [{ "id", "state", "publicKeyHex", "publicKey", "createdAt", "publishedAt", "activeAt", "retiredAt",
           "expiresAt" }]

Example:
  hookcast signing-keys list | jq -r '.[] | .state + " " + .publicKeyHex'`,
  async run(args) {
    readArguments(args);
    const { withTools } = await import('../app/tools.ts');
    const { createSigningKeys } = await import('../manage/signing-keys.ts');
    return withTools(loadConfig(), async (tools) => ({ result: await createSigningKeys(tools).list() }));
  },
};

export const rotateSigningKeys: Command = {
  summary: 'make the next signing key, published first and active later',
  help: `Usage: hookcast signing-keys rotate [--activate-after DURATION] [--overlap DURATION] [--force]

Makes the next signing key while the service runs. It is published after 15 seconds, when every worker signs with it,
and the command waits for that. A receiver of webhook-signature that trusts either key refuses no request before the
present one expires. X-Webhook-Signature carries one signature: a receiver that verifies it must trust both keys before
the next one becomes active.

While a next key waits, no further one is made. Run again with a shorter --activate-after, and it is active sooner.

Options:
  --activate-after DURATION   how long receivers have to learn the key before it signs X-Webhook-Signature; default 24h
  --overlap DURATION          how long the present key then goes on in webhook-signature; default 24h
  --force                     take durations under ${SAFE_SECONDS}s, although receivers will refuse requests
Receivers may keep the key set for ${KEY_SET_MAX_AGE_SECONDS} s. So a duration under ${SAFE_SECONDS}s is refused without --force, and the message says
who will refuse what. A key that has leaked: --activate-after 0s --overlap 0s --force.

Output: the next key, as \`hookcast signing-keys list\` shows it

Example:
  hookcast signing-keys rotate --activate-after 7d --overlap 7d`,
  async run(args, say) {
    const { values } = readArguments(args, {
      options: {
        'activate-after': { type: 'string', default: '24h' },
        overlap: { type: 'string', default: '24h' },
        force: { type: 'boolean', default: false },
      },
    });
    const activateAfterMs = readOption('activate-after', values['activate-after'], durationMs(MOST_MS))!;
    const overlapMs = readOption('overlap', values.overlap, durationMs(MOST_MS))!;
    const risks = findRisks(activateAfterMs, overlapMs);
    if (risks.length > 0 && !values.force) throw new UsageError([...risks, FORCE].join('\n'));
    for (const risk of risks) say(risk);
    const { withTools } = await import('../app/tools.ts');
    const { createSigningKeys } = await import('../manage/signing-keys.ts');
    return withTools(loadConfig(), async (tools) => {
      const signingKeys = createSigningKeys(tools);
      const times = { activateAfterMs, overlapMs };
      const { id, publishedAt } = await signingKeys.rotate(asCommand('signing-keys rotate'), times);
      const waitMs = publishedAt.getTime() - tools.clock.now().getTime();
      if (waitMs > 0) say(`Key ${id} is stored; it is published at ${publishedAt.toISOString()}. Waiting for that …`);
      await delay(Math.max(0, waitMs));
      const next = (await signingKeys.list()).find((key) => key.id === id)!;
      say(`Key ${id} is ${next.state}; it signs X-Webhook-Signature from ${next.activeAt.toISOString()} on.`);
      return { result: next };
    });
  },
};

const FORCE =
  'Nothing was done. Give longer durations, or add --force where this is meant, as for a key that has leaked.';

/** Tells who will refuse what: a line for each duration that is too short. */
function findRisks(activateAfterMs: number, overlapMs: number): string[] {
  const isShort = (ms: number) => ms < SAFE_SECONDS * 1_000;
  const tooShort = (option: string, ms: number) =>
    `--${option}: ${ms / 1_000}s is less than ${SAFE_SECONDS}s, twice as long as receivers may keep the key set.`;
  return [
    ...(isShort(activateAfterMs)
      ? [
          `${tooShort('activate-after', activateAfterMs)} Receivers that verify X-Webhook-Signature will refuse every ` +
            'request from then on, until they read the key set again.',
        ]
      : []),
    ...(isShort(overlapMs)
      ? [
          `${tooShort('overlap', overlapMs)} Receivers that know only the present key will refuse every request when it ` +
            'ends, by webhook-signature too. Receivers that read the key set after that will refuse what the present key ' +
            'signed just before.',
        ]
      : []),
  ];
}
