/** The commands of `hookcast`, by their names. */
import { exportCatalog, importCatalog } from './catalog.ts';
import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import { rotateMasterKey } from './master-key.ts';
import { listenCommand } from './listen.ts';
import { migrateCommand } from './migrate.ts';
import { repairDatesCommand } from './repair-dates.ts';
import { serveCommand } from './serve.ts';
import { listSigningKeys, rotateSigningKeys } from './signing-keys.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['serve', serveCommand],
  ['migrate', migrateCommand],
  ['demo', demoCommand],
  ['listen', listenCommand],
  ['keys create', createKey],
  ['keys list', listKeys],
  ['keys revoke', revokeKey],
  ['catalog export', exportCatalog],
  ['catalog import', importCatalog],
  ['signing-keys list', listSigningKeys],
  ['signing-keys rotate', rotateSigningKeys],
  ['master-key rotate', rotateMasterKey],
  ['repair-dates', repairDatesCommand],
]);
