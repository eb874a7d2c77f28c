import { TranscriptAssembler } from './assembler';
import { backoffDelay, delay } from './backoff';
import type { ClientEvents, ClientOptions, ClientState } from './client-options';
import { Emitter } from './emitter';
import { AsrHubError, hubCallError } from './errors';
import { parseServerEvent } from './events';
import { KeptEventPrefix, sendKeptAudio } from './kept-audio';
import { MediaLink, type LinkStats, type MediaLinkHandlers } from './media-link';
import { HubSignaling, type CreatedSession, type Signaling } from './signaling';

/** The last syllable is still on its way through the browser's encoder when the person presses stop. */
const HangoverMs = 200;
/** Longest that a person waits for the last words of a server that does not answer. */
const FinishMs = 15_000;
const LastEventsMs = 2000;
const CloseMs = 500;
const PollConfirmingMs = 200;
const PollMs = 1000;
/** A short `disconnected` heals by itself more often than not. */
const GraceMs = 1500;

/** A speech-to-text session of one track: connects, keeps connected, assembles. No user interface. */
export class AsrHubClient extends Emitter<ClientEvents> {
  readonly #options: ClientOptions;
  readonly #signaling: Signaling;
  readonly #createLink: (session: CreatedSession, handlers: MediaLinkHandlers) => MediaLink;
  #assembler = new TranscriptAssembler();
  #state: ClientState = 'idle';
  #session: CreatedSession | undefined;
  #link: MediaLink | undefined;
  #track: MediaStreamTrack | null = null;
  #run = new AbortController();
  #recovering = false;
  #ended: Promise<void> = Promise.resolve();
  #end: () => void = () => undefined;
  #keptMs = 0;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.#signaling = options.signaling ?? new HubSignaling(options.url, options.accessKey);
    this.#createLink = options.createLink ?? ((session, handlers) => new MediaLink(session.iceServers, handlers));
  }

  get state(): ClientState {
    return this.#state;
  }

  get transcript(): TranscriptAssembler {
    return this.#assembler;
  }

  /** Connects and sends the track. Rejects with the {@link AsrHubError} that `error` also carries. */
  async start(track: MediaStreamTrack): Promise<void> {
    if (this.#state !== 'idle' && this.#state !== 'failed') throw new Error(`start() while ${this.#state}`);
    this.#track = track;
    this.#run = new AbortController();
    const { signal } = this.#run;
    this.#become('connecting');
    this.#options.keptAudio?.restart();
    try {
      await this.#connect(false);
      void this.#poll(signal);
    } catch (reason) {
      if (signal.aborted) return;
      throw this.#fail(reason);
    }
  }

  /** Sends another track from now on (another microphone, other processing); the session goes on. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    this.#track = track;
    if (this.#state === 'confirming' || this.#state === 'listening') await this.#link?.send(track);
  }

  /** Changes settings of the running session (`session.update`). */
  update(session: Record<string, unknown>, eventId?: string): boolean {
    return this.#command({ type: 'session.update', session }, eventId);
  }

  /** Ends the current turn now. */
  commit(eventId?: string): boolean {
    return this.#command({ type: 'input_audio_buffer.commit' }, eventId);
  }

  /** Throws away the audio of the current turn. */
  clear(eventId?: string): boolean {
    return this.#command({ type: 'input_audio_buffer.clear' }, eventId);
  }

  /** Stops sending, waits for the last final, and closes. */
  async stop(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'closing' || this.#state === 'failed') return;
    const heard = this.#state === 'listening' || this.#state === 'confirming';
    this.#become('closing');
    this.#run.abort();
    if (heard) {
      await delay(HangoverMs);
      await this.#link?.send(null);
    }
    if (this.#session) await Promise.race([this.#drained(this.#session), delay(FinishMs)]);
    await this.#release();
    this.#become('idle');
  }

  /** For a page that goes away: asks the server to finish, and waits for nothing. */
  abandon(): void {
    this.#run.abort();
    this.#command({ type: 'x-session.close' }, undefined);
    const link = this.#link;
    this.#link = undefined;
    // Closed at once, the command would never leave. If the page is gone by then, so is the connection.
    setTimeout(() => { link?.close(); }, CloseMs);
    this.#become('idle');
  }

  /** The hub's answer may overtake the last events on the data channel; `x-session.closed` is the last of them. */
  async #drained(session: CreatedSession): Promise<void> {
    const answered = await this.#signaling.close(session).then(() => true, () => false);
    if (answered && this.#link) await Promise.race([this.#ended, delay(LastEventsMs)]);
  }

  async #connect(lost: boolean): Promise<void> {
    const { signal } = this.#run;
    await this.#signaling.connect();
    signal.throwIfAborted();
    const session = await this.#signaling.createSession(this.#options.session ?? {});
    if (signal.aborted) {
      await this.#signaling.close(session).catch(() => undefined);
      signal.throwIfAborted();
    }
    this.#session = session;
    this.#ended = new Promise((resolve) => { this.#end = resolve; });
    this.#assembler = new TranscriptAssembler();
    this.emit('session', { id: session.sessionId, lost });
    this.#link = this.#createLink(session, {
      message: (data) => { this.#receive(data); },
      path: (state) => { this.#pathChanged(state); },
      closed: () => { this.#channelClosed(signal); },
    });
    await this.#link.open((sdp) => this.#signaling.offer(session, sdp));
    signal.throwIfAborted();
    await this.#sendKept(this.#link);
    await this.#link.send(this.#track);
    signal.throwIfAborted();
    this.#become('confirming');
  }

  async #sendKept(link: MediaLink): Promise<void> {
    const kept = await sendKeptAudio(this.#options.keptAudio, link);
    this.#keptMs = kept.ms;
    if (kept.ms > 0 || !kept.sent) this.emit('kept', kept);
  }

  #receive(data: unknown): void {
    const event = parseServerEvent(data);
    if (!event) return;
    this.emit('event', event);
    const turn = this.#assembler.apply(event);
    if (event.type === 'error') {
      if (event.error.event_id?.startsWith(KeptEventPrefix)) this.emit('kept', { ms: this.#keptMs, sent: false });
      else this.emit('refused', event.error);
    }
    if (event.type === 'input_audio_buffer.speech_started') this.#confirm();
    if (event.type === 'x-session.closed') this.#end();
    if (turn) this.emit('turn', turn);
  }

  #confirm(): void {
    if (this.#state === 'confirming') this.#become('listening');
  }

  #pathChanged(state: 'connected' | 'disconnected' | 'failed'): void {
    if (this.#recovering || (this.#state !== 'listening' && this.#state !== 'confirming')) return;
    const { signal } = this.#run;
    if (state === 'failed') void this.#recover(signal);
    else if (state === 'disconnected') void this.#recoverAfterGrace(signal);
  }

  #channelClosed(signal: AbortSignal): void {
    this.#end();
    if (this.#recovering || signal.aborted || this.#state === 'connecting') return;
    void this.#recover(signal);
  }

  async #recoverAfterGrace(signal: AbortSignal): Promise<void> {
    const link = this.#link;
    for (let waited = 0; waited < GraceMs && !signal.aborted; waited += 100) {
      await delay(100, signal);
      if (link?.connected) return;
    }
    if (!signal.aborted && !this.#recovering && link === this.#link) await this.#recover(signal);
  }

  /** ICE restart while the server knows the session, a new session when it does not, with growing pauses between tries. */
  async #recover(signal: AbortSignal): Promise<void> {
    this.#recovering = true;
    this.#become('reconnecting');
    this.#options.keptAudio?.restart();
    await this.#link?.send(null).catch(() => undefined);
    let problem: unknown;
    try {
      for (let attempt = 0; attempt < (this.#options.maxAttempts ?? 8); attempt++) {
        if (attempt > 0) await delay(backoffDelay(attempt, this.#options.random), signal);
        if (signal.aborted) return;
        try {
          await this.#reconnect();
          return;
        } catch (reason) {
          problem = reason;
          if (reason instanceof AsrHubError && reason.code === 'key_missing_or_wrong') break;
        }
      }
      if (!signal.aborted) this.#fail(problem);
    } finally {
      this.#recovering = false;
    }
  }

  async #reconnect(): Promise<void> {
    const session = this.#session;
    const link = this.#link;
    if (session && link && link.usable) {
      try {
        await link.restart((sdp) => this.#signaling.restart(session, sdp));
        await this.#sendKept(link);
        await link.send(this.#track);
        this.#become('confirming');
        return;
      } catch (reason) {
        if (!(reason instanceof AsrHubError) || reason.code !== 'session_lost') throw reason;
      }
    }
    link?.close();
    this.#link = undefined;
    this.#session = undefined;
    await this.#connect(true);
  }

  /** Reads the statistics for as long as the run lasts; the first receiver report is the server's word that it hears us. */
  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const stats = await this.#link?.stats().catch(() => undefined);
      this.#take(stats);
      await delay(this.#state === 'confirming' ? PollConfirmingMs : PollMs, signal);
    }
  }

  #take(stats: LinkStats | undefined): void {
    if (!stats || this.#run.signal.aborted) return;
    if (stats.audioConfirmed) this.#confirm();
    this.emit('stats', stats);
  }

  #command(command: object, eventId: string | undefined): boolean {
    return this.#link?.command(eventId === undefined ? command : { ...command, event_id: eventId }) ?? false;
  }

  #fail(reason: unknown): AsrHubError {
    const error = reason instanceof AsrHubError ? reason : hubCallError(reason, 'go on');
    this.#run.abort();
    void this.#release();
    this.#become('failed');
    this.emit('error', error);
    return error;
  }

  async #release(): Promise<void> {
    this.#link?.close();
    this.#link = undefined;
    this.#session = undefined;
    this.#track = null;
    await this.#signaling.disconnect().catch(() => undefined);
  }

  #become(state: ClientState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
