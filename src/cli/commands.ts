/** The commands of `hookcast`, by their names. */
import { exportCatalog, importCatalog } from './catalog.ts';
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import { rotateMasterKey } from './master-key.ts';
import { migrate } from './migrate.ts';
import { repairDates } from './repair-dates.ts';
import { serve } from './serve.ts';
import { listSigningKeys, rotateSigningKeys } from './signing-keys.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['serve', serve],
  ['migrate', migrate],
  ['demo', demo],
  ['keys create', createKey],
  ['keys list', listKeys],
  ['keys revoke', revokeKey],
  ['catalog export', exportCatalog],
  ['catalog import', importCatalog],
  ['signing-keys list', listSigningKeys],
  ['signing-keys rotate', rotateSigningKeys],
  ['master-key rotate', rotateMasterKey],
  ['repair-dates', repairDates],
]);
