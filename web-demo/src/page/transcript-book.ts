import type { Turn } from '../sdk';

export interface Entry {
  readonly key: string;
  readonly turn: Turn;
  /** Milliseconds since the first word of the book's first session could be said. */
  readonly startMs: number;
}

export interface Paragraph {
  readonly startMs: number;
  readonly entries: readonly Entry[];
}

const PauseMs = 2000;
const LongParagraph = 420;

/** Everything that was said on this page, over all its sessions. */
export class TranscriptBook {
  #entries = new Map<string, Entry>();
  #session = '';
  #offset = 0;
  #origin: number | undefined;

  get empty(): boolean {
    return ![...this.#entries.values()].some((entry) => shown(entry.turn));
  }

  /** A new session's clock starts now. */
  begin(sessionId: string, now: number): void {
    this.#origin ??= now;
    this.#session = sessionId;
    this.#offset = now - this.#origin;
  }

  /** Takes in the turns of the current session, in their order. */
  update(turns: readonly Turn[]): void {
    for (const turn of turns) {
      const key = `${this.#session}/${turn.id}`;
      const known = this.#entries.get(key);
      const startMs = known?.startMs ?? this.#offset + (turn.startMs ?? 0);
      this.#entries.set(key, { key, turn, startMs });
    }
  }

  /** Empties the book; the returned function brings everything back. */
  clear(): () => void {
    const entries = this.#entries;
    this.#entries = new Map();
    return () => {
      this.#entries = new Map([...entries, ...this.#entries]);
    };
  }

  /** Turns that follow each other closely read as one paragraph. */
  paragraphs(): Paragraph[] {
    const paragraphs: { startMs: number; entries: Entry[] }[] = [];
    let length = 0;
    let endMs = -Infinity;
    for (const entry of this.#entries.values()) {
      if (!shown(entry.turn)) continue;
      const last = paragraphs.at(-1);
      if (last && entry.startMs - endMs < PauseMs && length < LongParagraph) last.entries.push(entry);
      else {
        paragraphs.push({ startMs: entry.startMs, entries: [entry] });
        length = 0;
      }
      length += entry.turn.committed.length;
      endMs = entry.startMs + Math.max(0, (entry.turn.endMs ?? entry.turn.startMs ?? 0) - (entry.turn.startMs ?? 0));
    }
    return paragraphs;
  }

  /** What people paste elsewhere. */
  toText(): string {
    return this.paragraphs()
      .map((paragraph) => paragraph.entries.map((entry) => textOf(entry.turn)).join(' '))
      .filter((text) => text !== '')
      .join('\n\n');
  }
}

export function textOf(turn: Turn): string {
  return (turn.committed + turn.tail).trim();
}

function shown(turn: Turn): boolean {
  return turn.status === 'failed' || textOf(turn) !== '';
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
