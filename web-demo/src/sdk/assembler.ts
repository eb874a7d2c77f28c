import type { ServerEvent } from './events';

export type TurnStatus = 'speaking' | 'settling' | 'final' | 'failed';

/** One turn of speech as it stands now. */
export interface Turn {
  readonly id: string;
  readonly status: TurnStatus;
  /** Text that will not change within the turn; the authoritative text once `status` is `final`. */
  readonly committed: string;
  /** What may still change. */
  readonly tail: string;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly failure: string | undefined;
}

/**
 * Builds turns from events. Deltas are appended and never taken back; `completed` wins over them; events that were seen
 * before (a replay after a reconnection) change nothing.
 */
export class TranscriptAssembler {
  readonly #turns = new Map<string, Turn>();
  readonly #previous = new Map<string, string | null>();
  #lastSequence = 0;
  #missed = 0;

  /** Number of the newest event taken in. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Events that never came. */
  get missed(): number {
    return this.#missed;
  }

  /** Turns in the order in which they were spoken. */
  get turns(): readonly Turn[] {
    return this.#ordered();
  }

  /** Takes in an event; returns the turn that it changed. */
  apply(event: ServerEvent): Turn | undefined {
    const sequence = event['x-seq'];
    if (sequence <= this.#lastSequence) return undefined;
    if (this.#lastSequence > 0) this.#missed += sequence - this.#lastSequence - 1;
    this.#lastSequence = sequence;

    switch (event.type) {
      case 'input_audio_buffer.speech_started':
        return this.#change(event.item_id, { startMs: event.audio_start_ms });
      case 'input_audio_buffer.speech_stopped':
        return this.#change(event.item_id, { endMs: event.audio_end_ms, status: 'settling' });
      case 'input_audio_buffer.committed':
        this.#previous.set(event.item_id, event.previous_item_id);
        return this.#change(event.item_id, { status: 'settling' });
      case 'conversation.item.input_audio_transcription.delta': {
        const turn = this.#turn(event.item_id);
        return this.#change(event.item_id, {
          committed: turn.committed + event.delta,
          tail: withoutPrefix(turn.tail, event.delta),
        });
      }
      case 'x-transcript.interim':
        return this.#change(event.item_id, { tail: event.tail });
      case 'conversation.item.input_audio_transcription.completed':
        return this.#settle(event.item_id, { status: 'final', committed: event.transcript, tail: '' });
      case 'conversation.item.input_audio_transcription.failed':
        return this.#settle(event.item_id, { status: 'failed', tail: '', failure: event.error.message });
      default:
        return undefined;
    }
  }

  #turn(id: string): Turn {
    return (
      this.#turns.get(id) ?? { id, status: 'speaking', committed: '', tail: '', startMs: undefined, endMs: undefined, failure: undefined }
    );
  }

  #change(id: string, change: Partial<Turn>): Turn | undefined {
    const turn = this.#turn(id);
    if (turn.status === 'final' || turn.status === 'failed') return undefined;
    return this.#settle(id, change);
  }

  #settle(id: string, change: Partial<Turn>): Turn {
    const turn = { ...this.#turn(id), ...change };
    this.#turns.set(id, turn);
    return turn;
  }

  /** `completed` events of different turns may come in any order; `previous_item_id` gives theirs, first mention breaks ties. */
  #ordered(): Turn[] {
    const ordered: Turn[] = [];
    const placed = new Set<string>();
    const place = (id: string): void => {
      const turn = this.#turns.get(id);
      if (!turn || placed.has(id)) return;
      placed.add(id);
      const previous = this.#previous.get(id);
      if (previous) place(previous);
      ordered.push(turn);
    };
    for (const id of this.#turns.keys()) place(id);
    return ordered;
  }
}

/** A delta usually moves words from the tail into the committed text; until the next interim they must not show twice. */
function withoutPrefix(tail: string, delta: string): string {
  const text = tail.trimStart();
  const moved = delta.trim();
  return text.startsWith(moved) ? text.slice(moved.length) : '';
}
