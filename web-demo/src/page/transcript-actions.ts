import { byId, make } from './dom';
import type { Notices } from './notices';
import type { TranscriptBook } from './transcript-book';

/** Copy, export and clear. */
export class TranscriptActions {
  readonly #buttons = [byId<HTMLButtonElement>('copy'), byId<HTMLButtonElement>('export'), byId<HTMLButtonElement>('clear')] as const;
  readonly #book: TranscriptBook;
  readonly #notices: Notices;

  constructor(book: TranscriptBook, notices: Notices, redraw: () => void) {
    this.#book = book;
    this.#notices = notices;
    const [copy, save, clear] = this.#buttons;
    copy.addEventListener('click', () => void this.#copy());
    save.addEventListener('click', () => { this.#export(); });
    clear.addEventListener('click', () => {
      const undo = book.clear();
      redraw();
      notices.show({
        subject: 'cleared',
        tone: 'hint',
        title: 'Transcript cleared.',
        remedy: 'It can be brought back for a few seconds.',
        action: {
          label: 'Undo',
          run: () => {
            undo();
            redraw();
          },
        },
        forMs: 8000,
      });
    });
  }

  refresh(): void {
    for (const button of this.#buttons) button.disabled = this.#book.empty;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#book.toText());
      this.#notices.show({ subject: 'copied', tone: 'hint', title: 'Copied.', remedy: 'The transcript is on the clipboard.', forMs: 2500 });
    } catch {
      this.#notices.show({
        subject: 'copied',
        tone: 'problem',
        title: 'The browser refused the clipboard.',
        remedy: 'Select the text and copy it by hand, or use Export.',
      });
    }
  }

  #export(): void {
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([this.#book.toText(), '\n'], { type: 'text/plain;charset=utf-8' }));
    link.download = `transcript-${new Date().toISOString().slice(0, 16).replace('T', '-').replace(':', '')}.txt`;
    link.click();
    setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
  }
}
