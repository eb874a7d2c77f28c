import type { LinkStats } from '../sdk';
import { byId } from './dom';

/** What the page as a whole is doing: the client's states, and `opening` while the browser asks for the microphone. */
export type Stage = 'idle' | 'opening' | 'connecting' | 'confirming' | 'listening' | 'reconnecting' | 'closing' | 'failed';

interface Face {
  button: string;
  hint: string;
  link: string;
}

const Faces: Record<Stage, Face> = {
  idle: { button: 'Start listening', hint: 'Press to speak', link: 'Ready' },
  opening: { button: 'Stop', hint: 'Allow the microphone when the browser asks', link: 'Waiting for the microphone' },
  connecting: { button: 'Stop', hint: 'Connecting…', link: 'Connecting' },
  confirming: { button: 'Stop', hint: 'Connecting…', link: 'Connected' },
  listening: { button: 'Stop listening', hint: 'Listening', link: 'Listening' },
  reconnecting: { button: 'Stop', hint: 'Connection lost. Trying again…', link: 'Reconnecting' },
  closing: { button: 'Finishing', hint: 'Writing the last words…', link: 'Finishing' },
  failed: { button: 'Try again', hint: 'Press to try again', link: 'Not connected' },
};

const KeptHint = 'Connecting. Speak already: it is kept and sent first.';

/** The one big button, the line under it, and the connection state in the corner. */
export class Controls {
  readonly #talk = byId<HTMLButtonElement>('talk');
  readonly #label = byId('talk-label');
  readonly #hint = byId('talk-hint');
  readonly #link = byId('link');
  readonly #linkText = byId('link-text');
  readonly #figure = byId('link-figure');
  #stage: Stage = 'idle';

  constructor(toggle: () => void) {
    this.#talk.addEventListener('click', toggle);
    document.addEventListener('keydown', (event) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const free = event.target === document.body || (event.target instanceof HTMLElement && event.target.id === 'scroller');
      if (event.key === ' ' && free) {
        event.preventDefault();
        toggle();
      }
    });
  }

  get stage(): Stage {
    return this.#stage;
  }

  show(stage: Stage, keeping: boolean): void {
    this.#stage = stage;
    const face = Faces[stage];
    this.#talk.dataset['state'] = stage;
    this.#talk.setAttribute('aria-disabled', String(stage === 'closing'));
    this.#label.textContent = face.button;
    this.#hint.textContent = keeping && (stage === 'connecting' || stage === 'confirming') ? KeptHint : face.hint;
    this.#link.dataset['state'] = stage;
    if (this.#linkText.textContent !== face.link) this.#linkText.textContent = face.link;
    if (stage !== 'listening' && stage !== 'confirming') this.#figure.textContent = '';
  }

  figures(stats: LinkStats): void {
    if (this.#stage !== 'listening' && this.#stage !== 'confirming') return;
    const parts: string[] = [];
    if (stats.roundTripMs !== undefined) parts.push(`${Math.max(1, Math.round(stats.roundTripMs))} ms`);
    if (stats.loss !== undefined && stats.loss >= 0.02) parts.push(`${Math.round(stats.loss * 100)} % lost`);
    this.#figure.textContent = parts.join(' · ');
  }
}
