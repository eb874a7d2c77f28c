import { byId, make } from './dom';
import { clock, type Entry, type Paragraph, type TranscriptBook } from './transcript-book';

/** Near enough to the end to be following it. */
const FollowSlackPx = 80;

/** Draws the book; touches only what changed, so that a selection or a screen reader's place survives new words. */
export class TranscriptView {
  readonly #root = byId('transcript');
  readonly #welcome = byId('welcome');
  readonly #scroller = byId('scroller');
  readonly #latest = byId<HTMLButtonElement>('latest');
  readonly #announcer = byId('announcer');
  readonly #paragraphs = new Map<string, HTMLElement>();
  readonly #turns = new Map<string, HTMLElement>();
  readonly #announced = new Set<string>();
  #following = true;

  constructor() {
    this.#scroller.addEventListener('scroll', () => {
      this.#following = this.#distance() < FollowSlackPx;
      if (this.#following) this.#latest.hidden = true;
    });
    this.#latest.addEventListener('click', () => {
      this.#scrollToEnd();
    });
  }

  draw(book: TranscriptBook): void {
    const paragraphs = book.paragraphs();
    const kept = new Set<string>();
    paragraphs.forEach((paragraph, index) => {
      const element = this.#paragraph(paragraph, kept);
      const current = this.#root.children[index];
      if (current !== element) this.#root.insertBefore(element, current ?? null);
    });
    this.#prune(this.#paragraphs, kept);
    this.#prune(this.#turns, kept);
    this.#welcome.hidden = paragraphs.length > 0;
    this.#root.hidden = paragraphs.length === 0;
    if (this.#following) this.#scrollToEnd();
    else this.#latest.hidden = this.#distance() < FollowSlackPx;
  }

  #paragraph(paragraph: Paragraph, kept: Set<string>): HTMLElement {
    const key = `p:${paragraph.entries[0]?.key ?? ''}`;
    kept.add(key);
    let element = this.#paragraphs.get(key);
    if (!element) {
      element = make('p', 'paragraph');
      const time = make('time', '', clock(paragraph.startMs));
      time.dateTime = `PT${(paragraph.startMs / 1000).toFixed(1)}S`;
      element.append(time, make('span', 'words'));
      this.#paragraphs.set(key, element);
    }
    const words = element.lastElementChild as HTMLElement;
    paragraph.entries.forEach((entry, index) => {
      kept.add(entry.key);
      const turn = this.#turn(entry);
      if (words.children[index] !== turn) words.insertBefore(turn, words.children[index] ?? null);
    });
    return element;
  }

  #turn(entry: Entry): HTMLElement {
    const { turn, key } = entry;
    let element = this.#turns.get(key);
    if (!element) {
      element = make('span', 'turn');
      element.append(make('span', 'committed'), make('span', 'tail'), ' ');
      this.#turns.set(key, element);
    }
    element.dataset['status'] = turn.status;
    const [committed, tail] = element.children;
    if (!committed || !tail) return element;
    const changing = turn.status === 'failed' ? ` [not understood${turn.failure ? `: ${turn.failure}` : ''}]` : turn.tail;
    // The space between the two belongs to neither mark; after the turn comes the one that parts it from the next.
    const gap = changing.length - changing.trimStart().length;
    setText(committed, (turn.committed + changing.slice(0, gap)).trimStart());
    setText(tail, changing.trim());
    if (turn.status === 'final' && !this.#announced.has(key)) {
      this.#announced.add(key);
      this.#announce(turn.committed.trim());
    }
    return element;
  }

  /** Finals alone: a screen reader that follows every change reads nothing to its end. */
  #announce(text: string): void {
    if (text === '') return;
    this.#announcer.append(make('p', '', text));
    while (this.#announcer.childElementCount > 20) this.#announcer.firstElementChild?.remove();
  }

  #prune(elements: Map<string, HTMLElement>, kept: ReadonlySet<string>): void {
    for (const [key, element] of elements) {
      if (kept.has(key)) continue;
      element.remove();
      elements.delete(key);
    }
  }

  #distance(): number {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight;
  }

  #scrollToEnd(): void {
    this.#following = true;
    this.#latest.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
