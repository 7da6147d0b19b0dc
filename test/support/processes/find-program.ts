/** Programs of the system's packages, which are not installed everywhere. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** The program's file; undefined where it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    const file = join(folder, name);
    const mayRun = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (mayRun) return file;
  }
  return undefined;
}
