import { loadConfig } from '../config.ts';
import { asCommand, readArguments, type Command } from './command.ts';

export const rotateMasterKey: Command = {
  summary: 'seal everything anew under MASTER_KEY',
  help: `Usage: hookcast master-key rotate

Seals every secret in the database anew under MASTER_KEY. It opens secrets of earlier master keys with
MASTER_KEY_PREVIOUS. The service goes on running. It may be stopped at any moment and run again.

To change the master key:
  1. Make a new one: openssl rand -base64 32
  2. On every process: MASTER_KEY_PREVIOUS=<new key>, beside the old MASTER_KEY; restart one after another.
  3. On every process: MASTER_KEY=<new key>, MASTER_KEY_PREVIOUS=<old key>; restart one after another.
  4. Run this command with these settings, until it exits 0.
  5. Remove MASTER_KEY_PREVIOUS from every process; restart one after another. Old backups still need the old key.
Step 2 may be left out when all processes are stopped at once. A key that releases up to 0.1.0 accepted and this one
refuses (32 times the same byte, or no strict base64): do step 2 with the old release, and step 3 with this one, where
MASTER_KEY_PREVIOUS takes the old key as it is. In local mode the old key is in DATA_DIR/master.key.

Output: { "resealed": { "<table>.<column>": values sealed anew }, "failed": [{ "place", "reason" }] }
Exit code 1 when a value could not be opened; all others are sealed anew.

Example:
  MASTER_KEY=… MASTER_KEY_PREVIOUS=… DATABASE_URL=postgresql://… hookcast master-key rotate`,
  async run(args, say) {
    readArguments(args);
    const { withTools } = await import('../app/tools.ts');
    const { reseal } = await import('../manage/reseal.ts');
    return withTools(loadConfig(), async (tools) => {
      const onProgress = (place: string, count: number) => say(`${place}: ${count} sealed anew`);
      const result = await reseal({ ...tools, ...asCommand('master-key rotate'), onProgress });
      return { result, failures: result.failed.map(({ place, reason }) => `${place}: ${reason}`) };
    });
  },
};
