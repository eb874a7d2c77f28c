import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AsrHubClient } from '../src/sdk/client';
import type { ClientOptions } from '../src/sdk/client-options';
import { AsrHubError } from '../src/sdk/errors';
import type { ServerEvent } from '../src/sdk/events';
import type { LinkStats, MediaLink, MediaLinkHandlers } from '../src/sdk/media-link';
import type { CreatedSession, Signaling } from '../src/sdk/signaling';
import { Script } from './events';

const Track = { id: 'microphone' } as unknown as MediaStreamTrack;

class FakeSignaling implements Signaling {
  readonly calls: string[] = [];
  connectError: AsrHubError | undefined;
  restartError: AsrHubError | undefined;
  #sessions = 0;

  connect(): Promise<void> {
    this.calls.push('connect');
    return this.connectError ? Promise.reject(this.connectError) : Promise.resolve();
  }

  createSession(): Promise<CreatedSession> {
    this.#sessions += 1;
    this.calls.push('create');
    const sessionId = `sess_${this.#sessions}`;
    return Promise.resolve({ sessionId, resumeToken: 'token', iceServers: [], session: { id: sessionId } });
  }

  offer(): Promise<string> {
    this.calls.push('offer');
    return Promise.resolve('answer');
  }

  restart(): Promise<string> {
    this.calls.push('restart');
    return this.restartError ? Promise.reject(this.restartError) : Promise.resolve('answer');
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.calls.push('disconnect');
    return Promise.resolve();
  }
}

class FakeLink {
  readonly sent: string[] = [];
  connected = true;
  usable = true;
  bufferedAmount = 0;
  audioConfirmed = false;

  constructor(readonly handlers: MediaLinkHandlers) {}

  async open(negotiate: (sdp: string) => Promise<string>): Promise<void> {
    await negotiate('offer');
  }

  async restart(negotiate: (sdp: string) => Promise<string>): Promise<void> {
    await negotiate('offer');
  }

  send(track: MediaStreamTrack | null): Promise<void> {
    this.sent.push(track ? 'track' : 'nothing');
    return Promise.resolve();
  }

  command(command: { type: string }): boolean {
    this.sent.push(command.type);
    return true;
  }

  stats(): Promise<LinkStats> {
    return Promise.resolve({ roundTripMs: 1, audioConfirmed: this.audioConfirmed, audioLevel: undefined, loss: undefined });
  }

  close(): void {
    this.sent.push('closed');
  }

  say(event: ServerEvent): void {
    this.handlers.message(JSON.stringify(event));
  }
}

function setUp(options: Partial<ClientOptions> = {}): { client: AsrHubClient; signaling: FakeSignaling; links: FakeLink[]; states: string[] } {
  const signaling = new FakeSignaling();
  const links: FakeLink[] = [];
  const states: string[] = [];
  const client = new AsrHubClient({
    url: 'http://localhost/hubs/signaling',
    signaling,
    createLink: (_, handlers) => {
      const link = new FakeLink(handlers);
      links.push(link);
      return link as unknown as MediaLink;
    },
    random: () => 0,
    ...options,
  });
  client.on('state', (state) => states.push(state));
  return { client, signaling, links, states };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('AsrHubClient', () => {
  it('says listening only when the server has confirmed audio', async () => {
    const { client, links, states } = setUp();
    await client.start(Track);
    await vi.advanceTimersByTimeAsync(1000);
    expect(states).toEqual(['connecting', 'confirming']);
    const [link] = links;
    if (link) link.audioConfirmed = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(states.at(-1)).toBe('listening');
  });

  it('takes the first speech as confirmation too', async () => {
    const { client, links, states } = setUp();
    await client.start(Track);
    links[0]?.say(new Script().started('a'));
    expect(states.at(-1)).toBe('listening');
  });

  it('sends what was kept before the live track', async () => {
    const keptAudio = { restart: vi.fn(), take: (then: string) => Promise.resolve(new Int16Array(then === 'stop' ? 240 : 23_760)) };
    const { client, links } = setUp({ keptAudio });
    const kept: unknown[] = [];
    client.on('kept', (value) => kept.push(value));
    await client.start(Track);
    expect(keptAudio.restart).toHaveBeenCalledOnce();
    expect(links[0]?.sent).toEqual([...Array<string>(4).fill('input_audio_buffer.append'), 'track']);
    expect(kept).toEqual([{ ms: 1000, sent: true }]);
  });

  it('starts without what was kept when the page could keep nothing', async () => {
    const { client, links, states } = setUp({ keptAudio: { restart: () => undefined, take: () => Promise.reject(new Error('no context')) } });
    await client.start(Track);
    expect(links[0]?.sent).toEqual(['track']);
    expect(states.at(-1)).toBe('confirming');
  });

  it('tells when the server did not take what was kept', async () => {
    const { client, links } = setUp({ keptAudio: { restart: () => undefined, take: (then) => Promise.resolve(new Int16Array(then === 'stop' ? 0 : 12_000)) } });
    const kept: unknown[] = [];
    const refused: unknown[] = [];
    client.on('kept', (value) => kept.push(value));
    client.on('refused', (value) => refused.push(value));
    await client.start(Track);
    links[0]?.say(new Script().event({ type: 'error', error: { code: 'audio_not_accepted', message: 'no', event_id: 'kept_1' } }));
    expect(kept.at(-1)).toEqual({ ms: 500, sent: false });
    expect(refused).toEqual([]);
  });

  it('rejects and reports a server that is away, and can start again', async () => {
    const { client, signaling, states } = setUp();
    signaling.connectError = new AsrHubError('server_away', 'Away.', 'Start it.');
    const errors: string[] = [];
    client.on('error', (error) => errors.push(error.code));
    await expect(client.start(Track)).rejects.toMatchObject({ code: 'server_away' });
    expect(errors).toEqual(['server_away']);
    expect(states).toEqual(['connecting', 'failed']);
    signaling.connectError = undefined;
    await client.start(Track);
    expect(states.at(-1)).toBe('confirming');
  });

  it('restarts ICE when the path fails and keeps session and transcript', async () => {
    const { client, signaling, links, states } = setUp();
    await client.start(Track);
    links[0]?.say(new Script().delta('a', 'kept'));
    links[0]?.handlers.path('failed');
    await vi.advanceTimersByTimeAsync(100);
    expect(signaling.calls).toContain('restart');
    expect(signaling.calls.filter((call) => call === 'create')).toHaveLength(1);
    expect(client.transcript.turns[0]?.committed).toBe('kept');
    expect(states.at(-1)).toBe('confirming');
  });

  it('leaves a short disconnection alone', async () => {
    const { client, signaling, links } = setUp();
    await client.start(Track);
    links[0]?.handlers.path('disconnected');
    await vi.advanceTimersByTimeAsync(5000);
    expect(signaling.calls).not.toContain('restart');
  });

  it('begins a new session when the server forgot the old one', async () => {
    const { client, signaling, links } = setUp();
    const sessions: unknown[] = [];
    client.on('session', (value) => sessions.push(value));
    await client.start(Track);
    signaling.restartError = new AsrHubError('session_lost', 'Gone.', 'Again.');
    links[0]?.handlers.path('failed');
    await vi.advanceTimersByTimeAsync(100);
    expect(sessions).toEqual([{ id: 'sess_1', lost: false }, { id: 'sess_2', lost: true }]);
    expect(links[0]?.sent.at(-1)).toBe('closed');
    expect(links[1]?.sent).toEqual(['track']);
  });

  it('gives up after its tries with the last reason', async () => {
    const { client, signaling, links, states } = setUp({ maxAttempts: 3 });
    await client.start(Track);
    signaling.restartError = new AsrHubError('server_away', 'Away.', 'Start it.');
    const errors: string[] = [];
    client.on('error', (error) => errors.push(error.code));
    links[0]?.handlers.path('failed');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signaling.calls.filter((call) => call === 'restart')).toHaveLength(3);
    expect(errors).toEqual(['server_away']);
    expect(states.at(-1)).toBe('failed');
  });

  it('stops sending before it closes and waits for the last final', async () => {
    const { client, signaling, links, states } = setUp();
    await client.start(Track);
    const script = new Script();
    links[0]?.say(script.delta('a', 'almost'));
    signaling.close = () => {
      links[0]?.say(script.completed('a', 'Almost done.'));
      return Promise.resolve();
    };
    const stopped = client.stop();
    await vi.advanceTimersByTimeAsync(5000);
    await stopped;
    expect(links[0]?.sent).toEqual(['track', 'nothing', 'closed']);
    expect(client.transcript.turns[0]?.status).toBe('final');
    expect(states.slice(-2)).toEqual(['closing', 'idle']);
  });

  it('waits for the last events, which the answer of the hub may overtake', async () => {
    const { client, links } = setUp();
    await client.start(Track);
    const script = new Script();
    const stopped = client.stop();
    await vi.advanceTimersByTimeAsync(500);
    expect(client.state).toBe('closing');
    links[0]?.say(script.completed('a', 'Last words.'));
    links[0]?.say(script.event({ type: 'x-session.closed', reason: 'closed' }));
    await vi.advanceTimersByTimeAsync(0);
    await stopped;
    expect(client.transcript.turns[0]?.committed).toBe('Last words.');
  });

  it('does not wait for ever for a server that does not answer', async () => {
    const { client, signaling } = setUp();
    await client.start(Track);
    signaling.close = () => new Promise<void>(() => undefined);
    const stopped = client.stop();
    await vi.advanceTimersByTimeAsync(20_000);
    await stopped;
    expect(client.state).toBe('idle');
  });

  it('asks the server to finish when the page goes away', async () => {
    const { client, links, states } = setUp();
    await client.start(Track);
    client.abandon();
    expect(links[0]?.sent).toEqual(['track', 'x-session.close']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(links[0]?.sent.at(-1)).toBe('closed');
    expect(states.at(-1)).toBe('idle');
  });

  it('ignores messages that are no events', async () => {
    const { client, links } = setUp();
    const events: unknown[] = [];
    client.on('event', (event) => events.push(event));
    await client.start(Track);
    for (const junk of ['', 'null', '[]', '{"type":1}', '{"type":"x"}', new ArrayBuffer(4)]) links[0]?.handlers.message(junk);
    expect(events).toEqual([]);
  });
});
