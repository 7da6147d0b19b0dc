/** Settings of a database and of a role that change what a statement means, or end it. A service must hold its own. */

/** Of each database: what a role does not set stands. */
export const OF_DATABASES: Readonly<Record<string, string>> = {
  timezone: 'Pacific/Kiritimati',
  datestyle: 'German',
  intervalstyle: 'iso_8601',
  bytea_output: 'escape',
  extra_float_digits: '-10',
  search_path: 'decoy',
  default_transaction_isolation: 'serializable',
  synchronous_commit: 'off',
};

/** Of the role: these win over those of its databases. */
export const OF_ROLES: Readonly<Record<string, string>> = {
  timezone: 'Asia/Kolkata',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  client_encoding: 'LATIN1',
  search_path: '$user',
  default_transaction_read_only: 'on',
  synchronous_commit: 'local',
  idle_session_timeout: '3s',
};

/** Of the processes under test and of their clients: west of UTC, where the database and the role are east of it. */
export const PROCESS_TIME_ZONE = 'America/New_York';

export const settingsOf = (subject: string, settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).map(([name, value]) => `alter ${subject} set ${name} = '${value}'`);
