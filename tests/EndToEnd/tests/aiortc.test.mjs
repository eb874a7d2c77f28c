import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, test } from 'node:test';
import { noServer, startServer } from '../lib/server.mjs';
import { jfk, noSpeech, padded, scratch, wordsOf } from '../lib/sound.mjs';

// Debian's Python has Debian's aiortc; another one that comes first in PATH has not.
const Python = process.env.PYTHON ?? '/usr/bin/python3';
const Client = fileURLToPath(new URL('../aiortc_client.py', import.meta.url));

function hasAiortc() {
  try {
    execFileSync(Python, ['-c', 'import aiortc'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const skip = noServer || noSpeech || (hasAiortc() ? false : 'python3-aiortc is not installed');

describe('aiortc, a client we did not write', { timeout: 180_000 }, () => {
  test('sends a file and receives its words over the data channel', { skip }, async () => {
    const files = scratch();
    const server = await startServer();
    try {
      const { stdout } = await promisify(execFile)(Python, [Client, server.url, padded(jfk.file, files.folder, 1)], { timeout: 120_000 });
      const events = stdout.trim().split('\n').map((line) => JSON.parse(line));
      const of = (type) => events.filter((event) => event.type === type);
      assert.equal(events[0].type, 'session.created');
      assert.deepEqual(events.map((event) => event['x-seq']), events.map((_, index) => index + 1));
      assert.equal(new Set(events.map((event) => event.event_id)).size, events.length);
      assert.ok(of('input_audio_buffer.speech_started').length > 0);
      assert.ok(of('x-transcript.interim').length > 0);
      const completed = of('conversation.item.input_audio_transcription.completed');
      assert.equal(wordsOf(completed.map((event) => event.transcript).join(' ')), jfk.words);
      for (const { item_id } of completed) {
        const order = events.filter((event) => event.item_id === item_id).map((event) => event.type.split('.').at(-1));
        assert.ok(order.indexOf('speech_started') < order.indexOf('speech_stopped'), order.join(' '));
        assert.ok(order.indexOf('committed') < order.indexOf('completed'), order.join(' '));
        assert.equal(order.at(-1), 'completed');
      }
    } finally {
      await server.stop();
      files.remove();
    }
  });
});
