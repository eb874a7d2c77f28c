import { describe, expect, it } from 'vitest';
import { takeAccessKey } from '../src/page/access-key';
import { insecureMessage } from '../src/page/messages';
import { clock, TranscriptBook } from '../src/page/transcript-book';
import type { Turn } from '../src/sdk';
import { appendCommands } from '../src/sdk/kept-audio';

function turn(id: string, committed: string, startMs = 0, endMs = startMs + 500): Turn {
  return { id, status: 'final', committed, tail: '', startMs, endMs, failure: undefined };
}

describe('TranscriptBook', () => {
  it('joins turns that follow closely and parts those after a pause', () => {
    const book = new TranscriptBook();
    book.begin('s', 0);
    book.update([turn('a', 'One.', 0), turn('b', 'Two.', 900), turn('c', 'Three.', 9000)]);
    expect(book.toText()).toBe('One. Two.\n\nThree.');
  });

  it('keeps the words of earlier sessions, and their time', () => {
    const book = new TranscriptBook();
    book.begin('s', 1000);
    book.update([turn('a', 'One.')]);
    book.begin('t', 61_000);
    book.update([turn('a', 'Two.', 500)]);
    expect(book.paragraphs().map((paragraph) => clock(paragraph.startMs))).toEqual(['0:00', '1:00']);
  });

  it('brings a cleared transcript back in its place', () => {
    const book = new TranscriptBook();
    book.begin('s', 0);
    book.update([turn('a', 'One.')]);
    const undo = book.clear();
    expect(book.empty).toBe(true);
    book.update([turn('b', 'Two.', 5000)]);
    undo();
    expect(book.toText()).toBe('One.\n\nTwo.');
  });

  it('shows no turn without words', () => {
    const book = new TranscriptBook();
    book.begin('s', 0);
    book.update([turn('a', '')]);
    expect(book.empty).toBe(true);
  });
});

describe('the access key', () => {
  const visit = (href: string, stored: Record<string, string> = {}): { key: string | undefined; address: string } => {
    let address = href;
    const history = { state: null, replaceState: (_: unknown, __: string, url: URL) => { address = url.href; } } as unknown as History;
    const storage = { getItem: (name: string) => stored[name] ?? null, setItem: (name: string, value: string) => { stored[name] = value; } } as unknown as Storage;
    return { key: takeAccessKey({ href } as Location, history, storage), address };
  };

  it.each(['https://host/#key=secret', 'https://host/?key=secret'])('is taken from %s and out of the address', (href) => {
    const { key, address } = visit(href);
    expect(key).toBe('secret');
    expect(address).not.toContain('secret');
  });

  it('is remembered for the tab', () => {
    const stored = {};
    visit('https://host/#key=secret', stored);
    expect(visit('https://host/', stored).key).toBe('secret');
    expect(visit('https://host/').key).toBeUndefined();
  });
});

it('cuts kept audio into little-endian appends that lose no sample', () => {
  const samples = Int16Array.from({ length: 10_001 }, (_, index) => (index * 7) % 32_000);
  const bytes = appendCommands(samples).map((command) => Uint8Array.from(atob(command.audio), (char) => char.charCodeAt(0)));
  const joined = new DataView(Uint8Array.from(bytes.flatMap((part) => [...part])).buffer);
  expect(joined.byteLength).toBe(samples.length * 2);
  expect(Array.from(samples, (_, index) => joined.getInt16(index * 2, true))).toEqual([...samples]);
});

it('names the cause when the page came over plain HTTP', () => {
  const message = insecureMessage({ protocol: 'http:', host: '192.168.1.5:8080', port: '8080' });
  expect(message.title).toContain('http from 192.168.1.5:8080');
  expect(message.remedy).toMatch(/HTTPS.*localhost:8080/);
});
