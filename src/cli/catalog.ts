import { readFile, writeFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { loadConfig } from '../config.ts';
import { asCommand, CommandError, readArguments, readOption, type Command } from './command.ts';

const STANDARD_STREAM = '-';

export const exportCatalog: Command = {
  summary: 'write all event types to a file or standard output',
  help: `Usage: hookcast catalog export [FILE] [--format FORM]

Writes every event type, archived ones too, as JSON that \`hookcast catalog import\` reads.

Arguments:
  FILE            the file to write; without it, or "-": standard output

Options:
  --format FORM   json (default), or openapi: the event types as the webhooks of an OpenAPI 3.1 document, with the
                  headers and signatures that targets get. Receivers make types and documents of it with their own tools

Output: the catalog, { "eventTypes": [{ "name", "category", "displayName", "description", "schema", "example",
        "archived" }] }, or the OpenAPI document; with FILE: { "file", "eventTypes": how many }

Examples:
  hookcast catalog export catalog.json
  hookcast catalog export openapi.json --format openapi
  hookcast catalog export | jq '.eventTypes | length'`,
  async run(args) {
    const options = { format: { type: 'string', default: 'json' } } as const;
    const { values, positionals } = readArguments(args, { options, positionals: ['FILE?'] });
    const isOpenApiAsked = readOption('format', values.format, readFormat) === 'openapi';
    const { withTools } = await import('../app/tools.ts');
    const { createCatalog } = await import('../manage/catalog.ts');
    const { formatCatalogFile } = await import('../domain/event-types/catalog-file.ts');
    const { formatOpenApi } = await import('../domain/event-types/openapi/format-openapi.ts');
    const config = loadConfig();
    const eventTypes = await withTools(config, (tools) => createCatalog(tools).export());
    const [file = STANDARD_STREAM] = positionals;
    const openApi = isOpenApiAsked ? formatOpenApi(eventTypes, config.webhookBrand) : undefined;
    if (file === STANDARD_STREAM) return { result: openApi ?? { eventTypes } };
    const text = openApi ? `${JSON.stringify(openApi, null, 2)}\n` : formatCatalogFile(eventTypes);
    await writeFile(file, text).catch(refuseFile);
    return { result: { file, eventTypes: eventTypes.length } };
  },
};

export const importCatalog: Command = {
  summary: 'make the catalog what a file says',
  help: `Usage: hookcast catalog import [FILE] [--dry-run] [--archive-missing]

Creates and changes event types until they are what the file says. When any entry has a mistake, it changes nothing.
Every mistake is named by its place in the file. Importing the same file again changes nothing. A type that is archived
here, but not in the file, is opened again. Types that are not in the file are left alone; none is ever deleted.

Arguments:
  FILE   the file to read; without it, or "-": standard input. It has a form that \`hookcast catalog export\` writes;
         every event type needs "name" and "category". Of an OpenAPI document, in JSON, the webhooks are read: their
         names, the first tag as category, summary, description, deprecated as archived, schema and example of the body

Options:
  --dry-run           say what would change, and write nothing
  --archive-missing   archive the types that are not in the file: they take no new events and no new subscriptions.
                      Types that the service publishes itself stay

Output: { "dryRun", "created": [names], "updated": [], "archived": [], "unarchived": [], "unchanged": [] }

Examples:
  hookcast catalog import catalog.json --dry-run
  hookcast catalog import openapi.json
  hookcast catalog export | hookcast catalog import`,
  async run(args) {
    const options = {
      'dry-run': { type: 'boolean', default: false },
      'archive-missing': { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = readArguments(args, { options, positionals: ['FILE?'] });
    const [file = STANDARD_STREAM] = positionals;
    const text =
      file === STANDARD_STREAM ? await textOf(process.stdin) : await readFile(file, 'utf8').catch(refuseFile);
    const { parseCatalogFile } = await import('../domain/event-types/catalog-file.ts');
    const { fromOpenApi } = await import('../domain/event-types/openapi/read-openapi.ts');
    const { createSchemaChecks } = await import('../domain/schemas/checks.ts');
    const schemas = createSchemaChecks();
    const catalog = await parseCatalogFile(fromOpenApi(text), schemas).finally(() => schemas.close());
    if (!catalog.ok) {
      const lines = catalog.mistakes.map(({ path, message }) => `${path || file}: ${message}`);
      throw new CommandError(['Nothing was imported:', ...lines].join('\n'));
    }
    const { withTools } = await import('../app/tools.ts');
    const { createCatalog } = await import('../manage/catalog.ts');
    const [caller, dryRun] = [asCommand('catalog import'), values['dry-run']];
    const rules = { dryRun, archiveMissing: values['archive-missing'] };
    const { reservedTypes } = await import('../domain/event-types/service-event-types.ts');
    const config = loadConfig();
    const reserved = reservedTypes(config.serviceEvents);
    const change = await withTools(config, (tools) =>
      createCatalog({ ...tools, reserved }).import(caller, catalog.eventTypes, rules),
    );
    return { result: { dryRun, ...change } };
  },
};

function readFormat(text: string): 'json' | 'openapi' {
  if (text === 'json' || text === 'openapi') return text;
  throw new Error(`expected json or openapi, got ${JSON.stringify(text)}`);
}

function refuseFile(error: Error): never {
  throw new CommandError(`FILE: ${error.message}`);
}
