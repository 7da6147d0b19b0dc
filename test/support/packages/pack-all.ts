/** `npm run pack`: the tarballs of `@hookcast/verify`, `@hookcast/client` and `hookcast`, in dist/. */
import { resolve } from 'node:path';
import { packPackage } from './pack.ts';
import { packService } from './pack-service.ts';

const DIST = resolve(import.meta.dirname, '../../../dist');

for (const name of ['verify', 'client'] as const) console.log(await packPackage(name, DIST));
console.log(await packService(DIST, (line) => console.error(line)));
