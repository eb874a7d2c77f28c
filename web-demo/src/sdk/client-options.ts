import type { Turn } from './assembler';
import type { AsrHubError } from './errors';
import type { ErrorObject, ServerEvent, SessionRequest } from './events';
import type { KeptAudio, KeptResult } from './kept-audio';
import type { LinkStats, MediaLink, MediaLinkHandlers } from './media-link';
import type { CreatedSession, Signaling } from './signaling';

/**
 * `idle` → `connecting` → `confirming` (connected, the server has not yet said that it hears us) → `listening` → `closing` → `idle`;
 * `reconnecting` from any of the middle ones, `failed` from any.
 */
export type ClientState = 'idle' | 'connecting' | 'confirming' | 'listening' | 'reconnecting' | 'closing' | 'failed';

export interface ClientEvents {
  state: ClientState;
  /** Every event of the session, in order. */
  event: ServerEvent;
  /** A turn that changed. */
  turn: Turn;
  /** A new session began; its turns are new ones. `lost` when it replaces one that the server no longer knows. */
  session: { id: string; lost: boolean };
  stats: LinkStats;
  /** Milliseconds of audio from before the connection, and whether they were sent. */
  kept: KeptResult;
  /** Stopped the session. */
  error: AsrHubError;
  /** The server refused one command; the session goes on. */
  refused: ErrorObject;
}

export interface ClientOptions {
  /** Of the hub, `https://host/hubs/signaling`. */
  url: string;
  accessKey?: string;
  session?: SessionRequest;
  keptAudio?: KeptAudio;
  /** Tries to reconnect before giving up. */
  maxAttempts?: number;
  signaling?: Signaling;
  createLink?: (session: CreatedSession, handlers: MediaLinkHandlers) => MediaLink;
  random?: () => number;
}
