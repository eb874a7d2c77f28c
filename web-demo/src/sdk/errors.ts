import type { ErrorObject } from './events';

export type AsrHubErrorCode =
  | 'server_away'
  | 'key_missing_or_wrong'
  | 'origin_refused'
  | 'media_unreachable'
  | 'session_lost'
  | 'server_error';

/** Something that stops the session, with what the person can do about it. */
export class AsrHubError extends Error {
  override readonly name = 'AsrHubError';

  constructor(
    readonly code: AsrHubErrorCode,
    readonly title: string,
    readonly remedy: string,
    /** The server's own error object, where it sent one. */
    readonly server?: ErrorObject,
  ) {
    super(`${title} ${remedy}`);
  }
}

/** The error object that the hub puts into a `HubException` message; undefined if there is none. */
export function errorObjectOf(reason: unknown): ErrorObject | undefined {
  const text = messageOf(reason);
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  try {
    const parsed = JSON.parse(text.slice(start, end + 1)) as Partial<ErrorObject> & { error?: Partial<ErrorObject> };
    const candidate = parsed.error ?? parsed;
    return typeof candidate.code === 'string' && typeof candidate.message === 'string' ? (candidate as ErrorObject) : undefined;
  } catch {
    return undefined;
  }
}

/** What a failed connection to the hub means. SignalR gives the HTTP status as a field or only inside its message. */
export function hubConnectError(reason: unknown, url: string): AsrHubError {
  const status = statusOf(reason);
  const host = hostOf(url);
  if (status === 401) {
    return new AsrHubError(
      'key_missing_or_wrong',
      'The access key is missing or wrong.',
      'Open the link that the server printed when it started (it carries the key), or enter the key here.',
    );
  }
  if (status === 403) {
    return new AsrHubError(
      'origin_refused',
      'The server refuses pages from this address.',
      `Open the page from the server itself, or add this page's origin to the server's allowed origins. Server: ${host}.`,
    );
  }
  if (status !== undefined && status < 500) {
    return new AsrHubError('server_error', `${host} answered with HTTP ${status}.`, 'Check that this address is an AsrHub server and not another program.');
  }
  return new AsrHubError(
    'server_away',
    `The server at ${host} does not answer.`,
    'Check that it is running and that this device is on the same network, then try again.',
  );
}

const Titles: Record<string, string> = {
  server_full: 'The server is full.',
  server_draining: 'The server is stopping.',
};

/** What a failed call on a connected hub means. */
export function hubCallError(reason: unknown, what: string): AsrHubError {
  const server = errorObjectOf(reason);
  if (server) {
    return server.code === 'session_not_found' || server.code === 'no_peer'
      ? new AsrHubError('session_lost', 'The server no longer knows this session.', 'Start again; what was already written stays on the page.', server)
      : new AsrHubError('server_error', Titles[server.code] ?? `The server could not ${what}.`, server.message, server);
  }
  return new AsrHubError('server_error', `The server could not ${what}.`, messageOf(reason) || 'Try again; the server log says why.');
}

export function mediaUnreachable(endpoints: readonly string[]): AsrHubError {
  const where = endpoints.length > 0 ? endpoints.join(' or ') : 'any address';
  return new AsrHubError(
    'media_unreachable',
    `Sound cannot reach the server at ${where}.`,
    endpoints.length > 0
      ? 'A firewall or VPN is probably blocking UDP. Allow UDP to that address and port, join the same network as the server, or set up a TURN server on it.'
      : 'The server advertised no address. Set its public address in the configuration.',
  );
}

function statusOf(reason: unknown): number | undefined {
  if (typeof reason === 'object' && reason !== null && 'statusCode' in reason && typeof reason.statusCode === 'number') {
    return reason.statusCode;
  }
  const match = /[Ss]tatus code '(\d{3})'/.exec(messageOf(reason));
  return match ? Number(match[1]) : undefined;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : '';
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
