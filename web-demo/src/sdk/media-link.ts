import { mediaUnreachable } from './errors';
import { udpEndpoints } from './sdp';

/** Carries an offer to the server and brings its answer. */
export type Negotiate = (sdp: string) => Promise<string>;

export interface MediaLinkHandlers {
  /** A message of the data channel. */
  message(data: unknown): void;
  /** The path is gone for now (`disconnected`) or for good until restarted (`failed`), or back (`connected`). */
  path(state: 'connected' | 'disconnected' | 'failed'): void;
  /** The data channel closed though nobody asked for it. */
  closed(): void;
}

export interface LinkStats {
  roundTripMs: number | undefined;
  /** True once the server has reported (RTCP receiver report) that our audio arrives. */
  audioConfirmed: boolean;
  /** 0 to 1 as the browser measures what it sends; undefined where it does not say. */
  audioLevel: number | undefined;
  /** Share of our packets that the server misses, 0 to 1. */
  loss: number | undefined;
}

const ConnectTimeoutMs = 10_000;

/** One RTCPeerConnection: one audio track up, one data channel `asrhub` both ways. */
export class MediaLink {
  readonly #peer: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #sender: RTCRtpSender;
  #endpoints: string[] = [];
  #shut = false;
  #recheck: (() => void) | undefined;

  constructor(iceServers: RTCIceServer[], handlers: MediaLinkHandlers, create = (config: RTCConfiguration) => new RTCPeerConnection(config)) {
    this.#peer = create({ iceServers, bundlePolicy: 'max-bundle' });
    this.#channel = this.#peer.createDataChannel('asrhub', { ordered: true });
    this.#channel.onmessage = (event: MessageEvent<unknown>) => {
      handlers.message(event.data);
    };
    this.#channel.onclose = () => {
      if (!this.#shut) handlers.closed();
    };
    // Without a track nothing is sent, not even silence: what was said before the connection stood goes first, over the data channel.
    this.#sender = this.#peer.addTransceiver('audio', { direction: 'sendonly' }).sender;
    this.#peer.onconnectionstatechange = () => {
      const state = this.#peer.connectionState;
      if (!this.#shut && (state === 'connected' || state === 'disconnected' || state === 'failed')) handlers.path(state);
    };
  }

  get connected(): boolean {
    return this.#peer.connectionState === 'connected';
  }

  /** True while an ICE restart can bring it back: the association above ICE still stands. */
  get usable(): boolean {
    return !this.#shut && this.#channel.readyState === 'open';
  }

  /** Bytes waiting to be sent on the data channel. */
  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  /** Offers, and resolves when the data channel is open. The server is ICE-lite: its answer holds every candidate and it learns ours from our checks. */
  async open(negotiate: Negotiate): Promise<void> {
    await this.#negotiate(negotiate, {});
    await this.#until(() => this.#channel.readyState === 'open');
  }

  /** ICE restart; keys, data channel and session go on. */
  async restart(negotiate: Negotiate): Promise<void> {
    await this.#negotiate(negotiate, { iceRestart: true });
    await this.#until(() => this.#peer.connectionState === 'connected' && this.#channel.readyState === 'open');
  }

  /** Sends this track from now on; null sends nothing. */
  async send(track: MediaStreamTrack | null): Promise<void> {
    await this.#sender.replaceTrack(track);
  }

  /** Sends a command; false while the data channel is not open. */
  command(command: object): boolean {
    if (this.#channel.readyState !== 'open') return false;
    this.#channel.send(JSON.stringify(command));
    return true;
  }

  async stats(): Promise<LinkStats> {
    const stats: LinkStats = { roundTripMs: undefined, audioConfirmed: false, audioLevel: undefined, loss: undefined };
    const report = await this.#peer.getStats();
    report.forEach((entry: Record<string, unknown>) => {
      if (entry['type'] === 'candidate-pair' && (entry['nominated'] === true || entry['selected'] === true)) {
        const seconds = entry['currentRoundTripTime'];
        if (typeof seconds === 'number') stats.roundTripMs = seconds * 1000;
      } else if (entry['type'] === 'remote-inbound-rtp' && entry['kind'] === 'audio') {
        stats.audioConfirmed = true;
        if (typeof entry['fractionLost'] === 'number') stats.loss = entry['fractionLost'];
        // Firefox has no currentRoundTripTime on its candidate pairs.
        if (typeof entry['roundTripTime'] === 'number') stats.roundTripMs ??= entry['roundTripTime'] * 1000;
      } else if (entry['type'] === 'media-source' && typeof entry['audioLevel'] === 'number') {
        stats.audioLevel = entry['audioLevel'];
      }
    });
    return stats;
  }

  close(): void {
    this.#shut = true;
    this.#channel.close();
    this.#peer.close();
    this.#recheck?.();
  }

  async #negotiate(negotiate: Negotiate, options: RTCOfferOptions): Promise<void> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer(options));
    const answer = await negotiate(this.#peer.localDescription?.sdp ?? '');
    this.#endpoints = udpEndpoints(answer);
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Waits for a state of peer and channel; a path that fails or takes too long names the addresses that were tried. */
  #until(reached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        this.#peer.removeEventListener('connectionstatechange', check);
        this.#channel.removeEventListener('open', check);
        this.#recheck = undefined;
        finish();
      };
      const check = (): void => {
        if (reached()) end(resolve);
        else if (this.#shut || this.#peer.connectionState === 'failed') end(() => { reject(mediaUnreachable(this.#endpoints)); });
      };
      const timer = setTimeout(() => { end(() => { reject(mediaUnreachable(this.#endpoints)); }); }, ConnectTimeoutMs);
      this.#peer.addEventListener('connectionstatechange', check);
      this.#channel.addEventListener('open', check);
      this.#recheck = check;
      check();
    });
  }
}
