/** The files in src/app/deploy that ask for metrics: their queries, and what they say beside them. */
import { readFile } from 'node:fs/promises';

const DEPLOY = new URL('../../../src/app/deploy/', import.meta.url);

export const RULES_FILE = new URL('prometheus-rules.yml', DEPLOY).pathname;

export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: string;
  readonly summary: string;
  readonly runbook: string;
};

/** Of the form in which the file is written; promtool reads all of YAML. */
const RULE =
  / {6}- alert: (\w+)\n {8}expr: '(.+)'\n {8}for: (\w+)\n {8}labels:\n {10}severity: (\w+)\n {8}annotations:\n {10}summary: '(.+)'\n {10}runbook: '(.+)'\n/g;

export async function readRules(): Promise<Rule[]> {
  const text = await readFile(RULES_FILE, 'utf8');
  const rules = [...text.matchAll(RULE)].map(([, alert, expr, duration, severity, summary, runbook]) => {
    return { alert, expr, for: duration, severity, summary, runbook } as Rule;
  });
  if (rules.length !== text.match(/alert:/g)?.length) throw new Error(`Expected every alert in the form of ${RULE}`);
  return rules;
}

export type Panel = { readonly title: string; readonly queries: readonly string[] };

export async function readPanels(): Promise<Panel[]> {
  type Board = { panels: { title: string; targets: { expr: string }[] }[] };
  const { panels } = JSON.parse(await readFile(new URL('grafana-dashboard.json', DEPLOY), 'utf8')) as Board;
  return panels.map(({ title, targets }) => ({ title, queries: targets.map(({ expr }) => expr) }));
}
