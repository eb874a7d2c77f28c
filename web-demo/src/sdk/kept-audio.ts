import { delay } from './backoff';

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

/** How long kept audio may take to leave before the live track starts anyway. */
const DrainMs = 2000;

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

export interface KeptResult {
  ms: number;
  sent: boolean;
}

/** Where appends go. */
export interface AppendTarget {
  readonly bufferedAmount: number;
  command(command: object): boolean;
}

/**
 * Sends what was said before, then what was said while that was on its way; the live track follows. Never a reason to fail: the
 * microphone works without it.
 */
export async function sendKeptAudio(keptAudio: KeptAudio | undefined, target: AppendTarget): Promise<KeptResult> {
  const result: KeptResult = { ms: 0, sent: true };
  if (!keptAudio) return result;
  let count = 0;
  const append = (samples: Int16Array): void => {
    result.ms += Math.round((samples.length * 1000) / KeptAudioRate);
    for (const command of appendCommands(samples, count)) {
      count += 1;
      result.sent = target.command(command) && result.sent;
    }
  };
  try {
    append(await keptAudio.take('go on'));
    for (let waited = 0; count > 0 && target.bufferedAmount > 0 && waited < DrainMs; waited += 20) await delay(20);
    append(await keptAudio.take('stop'));
  } catch {
    result.sent = false;
  }
  return result;
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
