/// <reference lib="webworker" />

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** What is still gathering here when the track takes over is lost: 11 ms at 48 kHz. */
const BatchSamples = 512;

/** Hands the microphone's samples to the page in batches; keeps no state that the page would have to clear. */
class PcmKeeper extends AudioWorkletProcessor {
  #batch = new Float32Array(BatchSamples);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (!channel) return true;
    if (this.#filled + channel.length > BatchSamples) this.#flush();
    this.#batch.set(channel, this.#filled);
    this.#filled += channel.length;
    return true;
  }

  #flush(): void {
    const full = this.#batch.slice(0, this.#filled);
    this.#filled = 0;
    this.port.postMessage(full, [full.buffer]);
  }
}

registerProcessor('pcm-keeper', PcmKeeper);
