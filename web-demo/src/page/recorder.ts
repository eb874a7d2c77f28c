import { AsrHubClient, type AsrHubError, type LinkStats } from '../sdk';
import type { Stage } from './controls';
import { MicrophoneProblem, openMicrophone, type SoundChoices } from './microphone';
import type { SoundStage } from './sound-stage';

/**
 * Much more than the server's default: who reads along sees every word at once anyway, and a sentence that is not cut at each breath is heard and
 * punctuated better.
 */
const SentencePauseMs = 1500;

export interface RecorderView {
  stage(stage: Stage): void;
  stats(stats: LinkStats): void;
  session(id: string, lost: boolean): void;
  turns(client: AsrHubClient): void;
  /** The microphone now in use. */
  microphone(track: MediaStreamTrack): void;
  microphoneProblem(problem: MicrophoneProblem): void;
  /** The microphone went away; `instead` is the one used now. */
  unplugged(label: string, instead: string | undefined): void;
  muted(muted: boolean): void;
  /** Milliseconds that were said before the connection and could not be sent. */
  notKept(ms: number): void;
  failed(error: AsrHubError): void;
  refused(message: string): void;
}

/** From the click to the last final: microphone, client, and what can happen to either. */
export class Recorder {
  readonly #view: RecorderView;
  readonly #sound: SoundStage;
  readonly #choices: SoundChoices;
  #client: AsrHubClient | undefined;
  #track: MediaStreamTrack | undefined;
  #audioLevel = 0;
  #active = false;

  constructor(view: RecorderView, sound: SoundStage, choices: SoundChoices) {
    this.#view = view;
    this.#sound = sound;
    this.#choices = choices;
  }

  get active(): boolean {
    return this.#active;
  }

  /** From the AudioContext, or from the sender's statistics where there is none. */
  get level(): number {
    return this.#sound.level() ?? this.#audioLevel;
  }

  /** Call it synchronously from the click. */
  async start(url: string, accessKey: string | undefined): Promise<void> {
    this.#active = true;
    this.#sound.wake();
    this.#view.stage('opening');
    let track: MediaStreamTrack;
    try {
      track = await openMicrophone(this.#choices);
    } catch (reason) {
      this.#active = false;
      this.#view.stage('failed');
      this.#view.microphoneProblem(reason instanceof MicrophoneProblem ? reason : new MicrophoneProblem('unknown', String(reason)));
      return;
    }
    if (!this.#stillActive()) {
      track.stop();
      return;
    }
    this.#use(track);
    const client = this.#connect(url, accessKey);
    this.#client = client;
    // The failure arrives as the client's `error` event as well.
    await client.start(track).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#active = false;
    const client = this.#client;
    this.#client = undefined;
    if (client) await client.stop();
    else this.#view.stage('idle');
    this.#letGo();
  }

  /** The page is going away. */
  leave(): void {
    this.#active = false;
    this.#client?.abandon();
    this.#client = undefined;
    this.#letGo();
  }

  /** Opens the microphone again with the present choices, or because the old one is gone. */
  async reopen(): Promise<void> {
    if (!this.#active) return;
    try {
      const track = await openMicrophone(this.#choices);
      if (!this.#stillActive()) {
        track.stop();
        return;
      }
      this.#use(track);
      await this.#client?.replaceTrack(track);
    } catch (reason) {
      this.#view.microphoneProblem(reason instanceof MicrophoneProblem ? reason : new MicrophoneProblem('unknown', String(reason)));
    }
  }

  /** After the page was out of sight: a phone has ended or muted the microphone meanwhile. True if it had to be opened again. */
  async revive(): Promise<boolean> {
    if (!this.#active || !this.#track) return false;
    this.#sound.wake();
    if (this.#track.readyState === 'live' && !this.#track.muted) return false;
    await this.reopen();
    return true;
  }

  #connect(url: string, accessKey: string | undefined): AsrHubClient {
    const client = new AsrHubClient({
      url,
      session: { include: ['x-interim'], turnDetection: { silenceDurationMs: SentencePauseMs } },
      keptAudio: this.#sound.keeper,
      ...(accessKey ? { accessKey } : {}),
    });
    client.on('state', (state) => {
      this.#view.stage(state);
    });
    client.on('stats', (stats) => {
      this.#audioLevel = stats.audioLevel ?? 0;
      this.#view.stats(stats);
    });
    client.on('session', ({ id, lost }) => {
      this.#view.session(id, lost);
    });
    client.on('turn', () => {
      this.#view.turns(client);
    });
    client.on('kept', ({ ms, sent }) => {
      if (!sent) this.#view.notKept(ms);
    });
    client.on('refused', (error) => {
      this.#view.refused(error.message);
    });
    client.on('error', (error) => {
      this.#active = false;
      this.#client = undefined;
      this.#letGo();
      this.#view.failed(error);
    });
    return client;
  }

  #use(track: MediaStreamTrack): void {
    const old = this.#track;
    this.#track = track;
    old?.stop();
    track.onended = () => void this.#ended(track);
    track.onmute = () => {
      this.#view.muted(true);
    };
    track.onunmute = () => {
      this.#view.muted(false);
    };
    if (track.muted) this.#view.muted(true);
    void this.#sound.attach(track);
    this.#view.microphone(track);
  }

  async #ended(track: MediaStreamTrack): Promise<void> {
    if (track !== this.#track || !this.#active) return;
    const { label } = track;
    await this.reopen();
    this.#view.unplugged(label, this.#track === track ? undefined : this.#track.label);
  }

  #letGo(): void {
    this.#track?.stop();
    this.#track = undefined;
    this.#audioLevel = 0;
    this.#sound.detach();
  }

  #stillActive(): boolean {
    return this.#active;
  }
}
