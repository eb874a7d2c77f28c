/** What was said before the connection stood. */
export interface KeptAudio {
  /** Forgets what was kept and keeps from now on. */
  restart(): void;
  /** Takes out what was kept, mono PCM16 at {@link KeptAudioRate}; goes on keeping, or stops. */
  take(then: 'go on' | 'stop'): Promise<Int16Array>;
}

/** The rate of `audio/pcm` in the contract. */
export const KeptAudioRate = 24_000;

/** Marks the appends of kept audio, so that an error about one is known for what it is. */
export const KeptEventPrefix = 'kept_';

/** 400 ms each: 25.6 KB of base64, well below what any peer takes as one message. */
const ChunkSamples = KeptAudioRate * 0.4;

export interface AppendCommand {
  type: 'input_audio_buffer.append';
  event_id: string;
  audio: string;
}

/** `input_audio_buffer.append` commands that carry the samples in order, numbered on from `after`. */
export function appendCommands(samples: Int16Array, after = 0): AppendCommand[] {
  const commands: AppendCommand[] = [];
  for (let start = 0; start < samples.length; start += ChunkSamples) {
    commands.push({
      type: 'input_audio_buffer.append',
      event_id: `${KeptEventPrefix}${after + commands.length + 1}`,
      audio: base64(samples.subarray(start, start + ChunkSamples)),
    });
  }
  return commands;
}

/** Little-endian whatever the processor. */
function base64(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => {
    view.setInt16(index * 2, sample, true);
  });
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
