/** Keeps the screen on while speaking; phones stop the microphone of a locked screen. */
export class WakeLock {
  #lock: WakeLockSentinel | undefined;
  #wanted = false;
  #hiddenAt: number | undefined;

  /** `returned` is called when the page comes back into view after this many milliseconds. */
  constructor(returned: (awayMs: number) => void) {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') {
        this.#hiddenAt = performance.now();
        return;
      }
      if (this.#wanted) void this.#request();
      if (this.#hiddenAt !== undefined) returned(performance.now() - this.#hiddenAt);
      this.#hiddenAt = undefined;
    });
  }

  hold(): void {
    this.#wanted = true;
    void this.#request();
  }

  release(): void {
    this.#wanted = false;
    void this.#lock?.release().catch(() => undefined);
    this.#lock = undefined;
  }

  async #request(): Promise<void> {
    if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
    this.#lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    if (!this.#wanted) this.release();
  }
}
