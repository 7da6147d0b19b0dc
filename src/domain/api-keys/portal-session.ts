/** What a portal session may be given: rules of its input, and of what its maker may give away. */
import { userError, type UserError } from '../../errors.ts';
import { checkListLength } from '../list.ts';
import type { Grantor } from './api-key-input.ts';
import { API_SCOPES, grants, PORTAL_SCOPES, READING_SCOPES, type ApiScope } from './scope.ts';

export type PortalSessionInput = {
  /** Null and undefined: those of READING_SCOPES that the maker's API key has. */
  readonly scopes?: readonly ApiScope[] | null | undefined;
  /** Null and undefined: an hour, or what is left of the maker's API key. */
  readonly expiresInSeconds?: number | null | undefined;
};

export const SESSION_SECONDS = { least: 300, most: 7 * 24 * 3_600, usual: 3_600 } as const;

/** All errors of the input: REQUIRED, TOO_MANY, INVALID. */
export const checkPortalSession = (input: PortalSessionInput, maker: Grantor, now: Date): UserError[] => [
  ...checkScopes(input, maker.scopes),
  ...checkSeconds(input, maker.expiresAt, now),
];

export function chooseScopes(input: PortalSessionInput, maker: Grantor): ApiScope[] {
  const asked = askedScopes(input, maker.scopes);
  return API_SCOPES.filter((scope) => asked.includes(scope));
}

const askedScopes = ({ scopes }: PortalSessionInput, own: ReadonlySet<ApiScope>): readonly ApiScope[] =>
  scopes ?? READING_SCOPES.filter((scope) => grants(own, scope));

/** When the session ends: never after the API key of its maker. */
export function chooseSessionEnd({ expiresInSeconds }: PortalSessionInput, maker: Grantor, now: Date): Date {
  const endMs = now.getTime() + 1_000 * (expiresInSeconds ?? SESSION_SECONDS.usual);
  return new Date(Math.min(endMs, maker.expiresAt?.getTime() ?? Infinity));
}

function checkScopes(input: PortalSessionInput, own: ReadonlySet<ApiScope>): UserError[] {
  const asked = askedScopes(input, own);
  if (asked.length === 0) {
    const reason = input.scopes ? 'got none' : `and your own API key has none of ${READING_SCOPES.join(', ')}`;
    return [userError('REQUIRED', 'scopes', `Expected at least one scope of ${PORTAL_SCOPES.join(', ')}; ${reason}.`)];
  }
  const tooMany = checkListLength('scopes', asked);
  if (tooMany.length > 0) return tooMany;
  const refused = API_SCOPES.filter((scope) => asked.includes(scope) && !PORTAL_SCOPES.includes(scope));
  if (refused.length > 0) return [invalid(`Expected scopes of ${PORTAL_SCOPES.join(', ')}, got ${refused.join(', ')}`)];
  const lacking = API_SCOPES.filter((scope) => asked.includes(scope) && !grants(own, scope));
  return lacking.length === 0
    ? []
    : [invalid(`Expected scopes that your own API key has; it lacks ${lacking.join(', ')}`)];
}

const invalid = (message: string): UserError => userError('INVALID', 'scopes', `${message}.`);

/** A session that is asked for by its length is as long, or refused: nobody is surprised in the middle of their work. */
function checkSeconds({ expiresInSeconds }: PortalSessionInput, most: Date | null, now: Date): UserError[] {
  if (expiresInSeconds == null) return [];
  const { least, most: longest } = SESSION_SECONDS;
  const refuse = (message: string) => [userError('INVALID', 'expiresInSeconds', message)];
  if (expiresInSeconds < least || expiresInSeconds > longest) {
    return refuse(`Expected ${least} to ${longest} seconds, got ${expiresInSeconds}.`);
  }
  const leftSeconds = most === null ? Infinity : Math.floor((most.getTime() - now.getTime()) / 1_000);
  if (expiresInSeconds <= leftSeconds) return [];
  return refuse(
    `Expected at most ${leftSeconds} seconds, after which your own API key expires, got ${expiresInSeconds}.`,
  );
}
