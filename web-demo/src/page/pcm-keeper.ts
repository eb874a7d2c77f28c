import { KeptAudioRate, type KeptAudio } from '../sdk';
import workletUrl from './pcm-keeper.worklet.ts?worker&url';

const KeepSeconds = 10;

/**
 * Keeps the last seconds of the microphone while there is no connection to send them over. Works only while the AudioContext
 * runs; when it does not, nothing is kept and nothing else is affected.
 */
export class PcmKeeper implements KeptAudio {
  #batches: Float32Array[] = [];
  #samples = 0;
  #keeping = false;
  #node: AudioWorkletNode | undefined;
  #rate = 48_000;

  /** True once samples arrive: what is said now is not lost. */
  get working(): boolean {
    return this.#keeping && this.#samples > 0;
  }

  async attach(context: AudioContext, source: AudioNode): Promise<void> {
    this.detach();
    this.#rate = context.sampleRate;
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, 'pcm-keeper', { numberOfInputs: 1, numberOfOutputs: 0 });
    node.port.onmessage = (event: MessageEvent<Float32Array>) => {
      this.#keep(event.data);
    };
    source.connect(node);
    this.#node = node;
  }

  detach(): void {
    this.#node?.port.close();
    this.#node?.disconnect();
    this.#node = undefined;
  }

  restart(): void {
    this.#batches = [];
    this.#samples = 0;
    this.#keeping = true;
  }

  async take(then: 'go on' | 'stop'): Promise<Int16Array> {
    const batches = this.#batches;
    const samples = this.#samples;
    this.#batches = [];
    this.#samples = 0;
    this.#keeping = then === 'go on';
    return samples === 0 ? new Int16Array() : toPcm16(await this.#resample(batches, samples));
  }

  #keep(batch: Float32Array): void {
    if (!this.#keeping) return;
    this.#batches.push(batch);
    this.#samples += batch.length;
    while (this.#samples > KeepSeconds * this.#rate) this.#samples -= this.#batches.shift()?.length ?? this.#samples;
  }

  /** The browser's own resampler, through a context that renders at once. */
  async #resample(batches: Float32Array[], samples: number): Promise<Float32Array> {
    const context = new OfflineAudioContext(1, Math.ceil((samples * KeptAudioRate) / this.#rate), KeptAudioRate);
    const buffer = context.createBuffer(1, samples, this.#rate);
    let offset = 0;
    for (const batch of batches) {
      buffer.copyToChannel(batch as Float32Array<ArrayBuffer>, 0, offset);
      offset += batch.length;
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start();
    return (await context.startRendering()).getChannelData(0);
  }
}

function toPcm16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
}
