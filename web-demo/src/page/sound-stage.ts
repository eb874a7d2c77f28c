import { PcmKeeper } from './pcm-keeper';

/**
 * All that hears the microphone on the page itself: level and keeper. Lives on an AudioContext that is made inside the click,
 * because browsers start it only there. Everything here is optional: the transport works without it.
 */
export class SoundStage {
  readonly keeper = new PcmKeeper();
  #context: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #analyser: AnalyserNode | undefined;
  #samples = new Float32Array(1024);

  /** Must be called synchronously in the handler of the click. */
  wake(): void {
    try {
      this.#context ??= new AudioContext({ latencyHint: 'interactive' });
      void this.#context.resume().catch(() => undefined);
    } catch {
      this.#context = undefined;
    }
  }

  async attach(track: MediaStreamTrack): Promise<void> {
    this.detach();
    const context = this.#context;
    if (!context) return;
    try {
      this.#source = context.createMediaStreamSource(new MediaStream([track]));
      this.#analyser = context.createAnalyser();
      this.#analyser.fftSize = this.#samples.length;
      this.#source.connect(this.#analyser);
      await this.keeper.attach(context, this.#source);
    } catch {
      this.detach();
    }
  }

  detach(): void {
    this.keeper.detach();
    this.#source?.disconnect();
    this.#source = undefined;
    this.#analyser = undefined;
  }

  /** Root mean square of the last moment, 0 to 1; undefined while the context does not run. */
  level(): number | undefined {
    if (!this.#analyser || this.#context?.state !== 'running') return undefined;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.sqrt(sum / this.#samples.length);
  }
}
