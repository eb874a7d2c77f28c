/** What a session says about one turn, for the scripted server. */
export const started = (item, ms) => ({ type: 'input_audio_buffer.speech_started', item_id: item, audio_start_ms: ms });
export const stopped = (item, ms) => ({ type: 'input_audio_buffer.speech_stopped', item_id: item, audio_end_ms: ms });
export const delta = (item, text) => ({ type: 'conversation.item.input_audio_transcription.delta', item_id: item, content_index: 0, delta: text });
export const interim = (item, committed, tail) => ({ type: 'x-transcript.interim', item_id: item, revision: 1, committed, tail, audio_end_ms: 0 });
export const completed = (item, text) => ({ type: 'conversation.item.input_audio_transcription.completed', item_id: item, content_index: 0, transcript: text });
