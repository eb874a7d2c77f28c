import type { ServerEvent } from '../src/sdk/events';

type Fields = { type: ServerEvent['type'] } & Record<string, unknown>;

/** Numbers events as a server does. */
export class Script {
  #sequence = 0;

  event(fields: Fields): ServerEvent {
    this.#sequence += 1;
    return { event_id: `event_${this.#sequence}`, 'x-seq': this.#sequence, ...fields } as unknown as ServerEvent;
  }

  started(item: string, ms = 0): ServerEvent {
    return this.event({ type: 'input_audio_buffer.speech_started', item_id: item, audio_start_ms: ms });
  }

  committed(item: string, previous: string | null): ServerEvent {
    return this.event({ type: 'input_audio_buffer.committed', item_id: item, previous_item_id: previous });
  }

  delta(item: string, text: string): ServerEvent {
    return this.event({ type: 'conversation.item.input_audio_transcription.delta', item_id: item, content_index: 0, delta: text });
  }

  interim(item: string, revision: number, committed: string, tail: string): ServerEvent {
    return this.event({ type: 'x-transcript.interim', item_id: item, revision, committed, tail, audio_end_ms: 0 });
  }

  completed(item: string, transcript: string): ServerEvent {
    return this.event({ type: 'conversation.item.input_audio_transcription.completed', item_id: item, content_index: 0, transcript });
  }

  skip(count: number): void {
    this.#sequence += count;
  }
}
