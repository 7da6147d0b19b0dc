/**
 * The start command inside a container of limited memory: enters the control group of CONTAINER_GROUP, then starts the service.
 * The service starts itself once more (src/app/memory.ts), so V8 sees the limit of the group, as it would in a container.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

writeFileSync(join(process.env['CONTAINER_GROUP']!, 'cgroup.procs'), String(process.pid));
await import('../../../src/main.ts');
