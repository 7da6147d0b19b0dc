/** The commands of `hookcast`, by their names. */
import { exportCatalog, importCatalog } from './catalog.ts';
import type { Command } from './command.ts';
import { createCompletion } from './completion.ts';
import { deliveriesCommand } from './deliveries.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { healthCommand } from './health.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import { rotateMasterKey } from './master-key.ts';
import { listenCommand } from './listen.ts';
import { loginCommand, logoutCommand } from './login.ts';
import { migrateCommand } from './migrate.ts';
import { createTarget, updateTarget } from './register-target.ts';
import { repairDatesCommand } from './repair-dates.ts';
import { cancelReplay, createReplay, listReplays, showReplay } from './replay.ts';
import { serveCommand } from './serve.ts';
import { listSigningKeys, rotateSigningKeys } from './signing-keys.ts';
import { deleteTarget, listTargets, rotateTargetSecret, sendTest } from './targets.ts';
import { triggerCommand } from './trigger.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['serve', serveCommand],
  ['health', healthCommand],
  ['doctor', doctorCommand],
  ['migrate', migrateCommand],
  ['demo', demoCommand],
  ['login', loginCommand],
  ['logout', logoutCommand],
  ['listen', listenCommand],
  ['trigger', triggerCommand],
  ['deliveries', deliveriesCommand],
  ['targets list', listTargets],
  ['targets create', createTarget],
  ['targets update', updateTarget],
  ['targets delete', deleteTarget],
  ['targets rotate-secret', rotateTargetSecret],
  ['targets test', sendTest],
  ['replay create', createReplay],
  ['replay list', listReplays],
  ['replay show', showReplay],
  ['replay cancel', cancelReplay],
  ['keys create', createKey],
  ['keys list', listKeys],
  ['keys revoke', revokeKey],
  ['catalog export', exportCatalog],
  ['catalog import', importCatalog],
  ['signing-keys list', listSigningKeys],
  ['signing-keys rotate', rotateSigningKeys],
  ['master-key rotate', rotateMasterKey],
  ['repair-dates', repairDatesCommand],
  ['completion', createCompletion(() => COMMANDS)],
]);
