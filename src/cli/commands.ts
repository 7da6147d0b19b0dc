/** The commands of `hookcast`, by their names. Each is loaded when it is asked for: a service that starts loads no other. */
import type { Command } from './command.ts';

export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand],
  ['health', async () => (await import('./health.ts')).healthCommand],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand],
  ['migrate', async () => (await import('./migrate.ts')).migrateCommand],
  ['demo', async () => (await import('./demo.ts')).demoCommand],
  ['login', async () => (await import('./login.ts')).loginCommand],
  ['logout', async () => (await import('./login.ts')).logoutCommand],
  ['listen', async () => (await import('./listen.ts')).listenCommand],
  ['trigger', async () => (await import('./trigger.ts')).triggerCommand],
  ['deliveries', async () => (await import('./deliveries.ts')).deliveriesCommand],
  ['targets list', async () => (await import('./targets.ts')).listTargets],
  ['targets create', async () => (await import('./register-target.ts')).createTarget],
  ['targets update', async () => (await import('./register-target.ts')).updateTarget],
  ['targets delete', async () => (await import('./targets.ts')).deleteTarget],
  ['targets rotate-secret', async () => (await import('./targets.ts')).rotateTargetSecret],
  ['targets test', async () => (await import('./targets.ts')).sendTest],
  ['replay create', async () => (await import('./replay.ts')).createReplay],
  ['replay list', async () => (await import('./replay.ts')).listReplays],
  ['replay show', async () => (await import('./replay.ts')).showReplay],
  ['replay cancel', async () => (await import('./replay.ts')).cancelReplay],
  ['keys create', async () => (await import('./keys.ts')).createKey],
  ['keys list', async () => (await import('./keys.ts')).listKeys],
  ['keys revoke', async () => (await import('./keys.ts')).revokeKey],
  ['catalog export', async () => (await import('./catalog.ts')).exportCatalog],
  ['catalog import', async () => (await import('./catalog.ts')).importCatalog],
  ['signing-keys list', async () => (await import('./signing-keys.ts')).listSigningKeys],
  ['signing-keys rotate', async () => (await import('./signing-keys.ts')).rotateSigningKeys],
  ['master-key rotate', async () => (await import('./master-key.ts')).rotateMasterKey],
  ['repair-dates', async () => (await import('./repair-dates.ts')).repairDatesCommand],
  ['completion', async () => (await import('./completion.ts')).createCompletion(loadCommands)],
]);

/** All of them, for what tells of all. */
export async function loadCommands(): Promise<ReadonlyMap<string, Command>> {
  const loaded = [...COMMANDS].map(async ([name, load]) => [name, await load()] as const);
  return new Map(await Promise.all(loaded));
}
