import { byId } from './dom';

/** Below this a microphone is as good as silent. */
const FloorDb = -60;

/** The level bar and the ring around the button; runs only while there is a microphone. */
export class Meter {
  readonly #bar = byId('meter');
  readonly #talk = byId('talk');
  #frame = 0;
  #shown = 0;

  start(level: () => number): void {
    cancelAnimationFrame(this.#frame);
    const draw = (): void => {
      const db = 20 * Math.log10(Math.max(level(), 1e-6));
      const now = Math.max(0, Math.min(1, 1 - db / FloorDb));
      this.#shown = now > this.#shown ? now : this.#shown * 0.9 + now * 0.1;
      this.#show(this.#shown);
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#shown = 0;
    this.#show(0);
  }

  #show(value: number): void {
    const text = value.toFixed(3);
    this.#bar.style.setProperty('--level', text);
    this.#talk.style.setProperty('--level', text);
    this.#bar.setAttribute('aria-valuenow', String(Math.round(value * 100)));
  }
}
