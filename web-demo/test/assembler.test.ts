import { describe, expect, it } from 'vitest';
import { TranscriptAssembler } from '../src/sdk/assembler';
import { Script } from './events';

describe('TranscriptAssembler', () => {
  it('appends deltas and never takes one back', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.started('a', 120));
    assembler.apply(script.delta('a', 'And so'));
    assembler.apply(script.delta('a', ' my fellow'));
    expect(assembler.turns).toMatchObject([{ id: 'a', status: 'speaking', committed: 'And so my fellow', startMs: 120 }]);
  });

  it('replaces the tail with every interim and leaves the committed text alone', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.delta('a', 'ask'));
    assembler.apply(script.interim('a', 1, 'ask', ' knot what'));
    const turn = assembler.apply(script.interim('a', 2, 'ask', ' not what your'));
    expect(turn).toMatchObject({ committed: 'ask', tail: ' not what your' });
  });

  it('shows no word twice between a delta and the next interim', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.interim('a', 1, '', 'ask not what'));
    const moved = assembler.apply(script.delta('a', 'ask not'));
    expect(moved).toMatchObject({ committed: 'ask not', tail: ' what' });
    const changed = assembler.apply(script.delta('a', ' that'));
    expect(changed).toMatchObject({ committed: 'ask not that', tail: '' });
  });

  it('takes the completed text as the authority and freezes the turn', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.delta('a', 'ask knot'));
    assembler.apply(script.completed('a', 'Ask not.'));
    expect(assembler.apply(script.delta('a', ' more'))).toBeUndefined();
    expect(assembler.turns).toMatchObject([{ status: 'final', committed: 'Ask not.', tail: '' }]);
  });

  it('keeps turns in spoken order though they complete in another', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.committed('b', 'a'));
    assembler.apply(script.completed('b', 'Second.'));
    assembler.apply(script.committed('a', null));
    assembler.apply(script.completed('a', 'First.'));
    expect(assembler.turns.map((turn) => turn.committed)).toEqual(['First.', 'Second.']);
  });

  it('survives a circle of previous items', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.committed('a', 'b'));
    assembler.apply(script.committed('b', 'a'));
    expect(assembler.turns).toHaveLength(2);
  });

  it('ignores what is replayed and counts what never came', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    const first = script.delta('a', 'once');
    assembler.apply(first);
    expect(assembler.apply(first)).toBeUndefined();
    script.skip(3);
    assembler.apply(script.delta('a', ' more'));
    expect(assembler.turns[0]?.committed).toBe('once more');
    expect(assembler.missed).toBe(3);
    expect(assembler.lastSequence).toBe(5);
  });

  it('keeps the words of a failed turn and says why it failed', () => {
    const script = new Script();
    const assembler = new TranscriptAssembler();
    assembler.apply(script.delta('a', 'half a'));
    const turn = assembler.apply(
      script.event({ type: 'conversation.item.input_audio_transcription.failed', item_id: 'a', error: { message: 'too far behind' } }),
    );
    expect(turn).toMatchObject({ status: 'failed', committed: 'half a', failure: 'too far behind' });
  });
});
