import { byId, make } from './dom';

export interface Notice {
  /** A notice of the same subject replaces the one before. */
  subject: string;
  tone: 'problem' | 'hint';
  title: string;
  /** What to do about it. */
  remedy: string;
  action?: { label: string; run: () => void };
  /** Asks for one line of text, such as the access key. */
  ask?: { label: string; submit: (value: string) => void };
  /** Goes away by itself after this long. */
  forMs?: number;
}

/** Messages above the microphone, each with what to do. Problems are announced at once, hints when the reader pauses. */
export class Notices {
  readonly #root = byId('notices');
  readonly #shown = new Map<string, { element: HTMLElement; timer: number | undefined }>();

  show(notice: Notice): void {
    this.dismiss(notice.subject);
    const element = make('div', `notice ${notice.tone}`);
    element.setAttribute('role', notice.tone === 'problem' ? 'alert' : 'status');
    element.dataset['subject'] = notice.subject;
    const text = make('div', 'notice-text');
    text.append(make('strong', '', notice.title), make('p', '', notice.remedy));
    element.append(text);
    if (notice.ask) text.append(this.#form(notice.subject, notice.ask));
    if (notice.action) element.append(this.#button(notice.subject, notice.action));
    const close = make('button', 'close', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Dismiss this message');
    close.addEventListener('click', () => { this.dismiss(notice.subject); });
    element.append(close);
    this.#root.append(element);
    const timer = notice.forMs === undefined ? undefined : window.setTimeout(() => { this.dismiss(notice.subject); }, notice.forMs);
    this.#shown.set(notice.subject, { element, timer });
  }

  dismiss(subject: string): void {
    const shown = this.#shown.get(subject);
    if (!shown) return;
    window.clearTimeout(shown.timer);
    shown.element.remove();
    this.#shown.delete(subject);
  }

  #button(subject: string, action: { label: string; run: () => void }): HTMLElement {
    const button = make('button', 'quiet', action.label);
    button.type = 'button';
    button.addEventListener('click', () => {
      this.dismiss(subject);
      action.run();
    });
    return button;
  }

  #form(subject: string, ask: { label: string; submit: (value: string) => void }): HTMLElement {
    const form = make('form', 'ask');
    const input = make('input');
    input.type = 'password';
    input.autocomplete = 'off';
    input.required = true;
    input.setAttribute('aria-label', ask.label);
    input.placeholder = ask.label;
    form.append(input, make('button', 'quiet', 'Use this key'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.dismiss(subject);
      ask.submit(input.value.trim());
    });
    return form;
  }
}
