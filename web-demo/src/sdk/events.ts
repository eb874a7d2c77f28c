/** The session's events as `docs/contract.md` defines them: OpenAI Realtime transcription events, and our own under `x-`. */

export interface ErrorObject {
  type: string;
  code: string;
  message: string;
  param?: string | null;
  /** The client's `event_id` of the command that caused it. */
  event_id?: string | null;
}

export interface SessionObject {
  id: string;
  include?: string[];
  [setting: string]: unknown;
}

interface Stamped {
  event_id: string;
  /** Gap-free number within the session, from 1. */
  'x-seq': number;
}

type Item = Stamped & { item_id: string };

export type ServerEvent =
  | (Stamped & { type: 'session.created' | 'session.updated'; session: SessionObject })
  | (Item & { type: 'input_audio_buffer.speech_started'; audio_start_ms: number })
  | (Item & { type: 'input_audio_buffer.speech_stopped'; audio_end_ms: number })
  | (Item & { type: 'input_audio_buffer.committed'; previous_item_id: string | null })
  | (Stamped & { type: 'input_audio_buffer.cleared' })
  | (Item & { type: 'conversation.item.input_audio_transcription.delta'; delta: string })
  | (Item & { type: 'conversation.item.input_audio_transcription.completed'; transcript: string })
  | (Item & { type: 'conversation.item.input_audio_transcription.failed'; error: ErrorObject })
  | (Item & { type: 'x-transcript.interim'; revision: number; committed: string; tail: string; audio_end_ms: number })
  | (Stamped & { type: 'x-stats'; [figure: string]: unknown })
  | (Stamped & { type: 'x-session.closed'; reason?: string })
  | (Stamped & { type: 'error'; error: ErrorObject });

export type ServerEventType = ServerEvent['type'];

export interface TurnDetection {
  type?: 'server_vad' | 'semantic_vad';
  eagerness?: 'auto' | 'low' | 'medium' | 'high';
  threshold?: number;
  prefixPaddingMs?: number;
  silenceDurationMs?: number;
}

/** What `CreateSession` takes. Absent fields are the server's defaults. */
export interface SessionRequest {
  model?: string;
  language?: string;
  include?: string[];
  turnDetection?: TurnDetection | null;
}

/** Reads one data channel message; undefined if it is not an event of this contract. */
export function parseServerEvent(data: unknown): ServerEvent | undefined {
  if (typeof data !== 'string') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  return isServerEvent(value) ? value : undefined;
}

function isServerEvent(value: unknown): value is ServerEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Record<string, unknown>;
  return typeof event['type'] === 'string' && typeof event['x-seq'] === 'number';
}
