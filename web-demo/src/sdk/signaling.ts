import { HttpTransportType, type HubConnection, HubConnectionBuilder, HubConnectionState, LogLevel } from '@microsoft/signalr';
import { hubCallError, hubConnectError } from './errors';
import type { SessionObject, SessionRequest } from './events';

export interface CreatedSession {
  sessionId: string;
  /** Proves that the session is ours, whichever hub connection we come from. */
  resumeToken: string;
  iceServers: RTCIceServer[];
  session: SessionObject;
}

/** What the client needs of signalling; the hub is one way to have it, a fake in tests another. */
export interface Signaling {
  connect(): Promise<void>;
  createSession(request: SessionRequest): Promise<CreatedSession>;
  offer(session: CreatedSession, sdp: string): Promise<string>;
  restart(session: CreatedSession, sdp: string): Promise<string>;
  close(session: CreatedSession): Promise<void>;
  disconnect(): Promise<void>;
}

/** The hub `/hubs/signaling`. Media outlives this connection, so losing it is no error until it is needed again. */
export class HubSignaling implements Signaling {
  readonly #url: string;
  readonly #hub: HubConnection;
  /** The hub connection to which the server last tied our session. */
  #ownedBy: string | null = null;

  constructor(url: string, accessKey: string | undefined) {
    this.#url = url;
    this.#hub = new HubConnectionBuilder()
      .withUrl(url, {
        transport: HttpTransportType.WebSockets | HttpTransportType.LongPolling,
        withCredentials: false,
        ...(accessKey ? { accessTokenFactory: () => accessKey } : {}),
      })
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: ({ previousRetryCount }) => Math.min(500 * 2 ** previousRetryCount, 10_000) })
      .configureLogging(LogLevel.None)
      .build();
  }

  async connect(): Promise<void> {
    if (this.#hub.state === HubConnectionState.Connected) return;
    if (this.#hub.state !== HubConnectionState.Disconnected) await this.#hub.stop();
    try {
      await this.#hub.start();
    } catch (reason) {
      throw hubConnectError(reason, this.#url);
    }
  }

  async createSession(request: SessionRequest): Promise<CreatedSession> {
    const created = await this.#call<CreatedSession>('start a session', 'CreateSession', request);
    this.#ownedBy = this.#hub.connectionId;
    return created;
  }

  async offer(session: CreatedSession, sdp: string): Promise<string> {
    return (await this.#own<{ sdp: string }>(session, 'answer the offer', 'Offer', sdp)).sdp;
  }

  async restart(session: CreatedSession, sdp: string): Promise<string> {
    return (await this.#own<{ sdp: string }>(session, 'restart the connection', 'Restart', sdp)).sdp;
  }

  close(session: CreatedSession): Promise<void> {
    return this.#own(session, 'close the session', 'Close');
  }

  async disconnect(): Promise<void> {
    await this.#hub.stop();
  }

  /** A connection made after the session has to show the token first. The data channel goes on where it was, hence no `after`. */
  async #own<T>(session: CreatedSession, what: string, method: string, ...args: unknown[]): Promise<T> {
    await this.connect();
    if (this.#hub.connectionId !== this.#ownedBy) {
      await this.#call('take the session over', 'Resume', session.sessionId, session.resumeToken, null);
      this.#ownedBy = this.#hub.connectionId;
    }
    return await this.#call<T>(what, method, session.sessionId, ...args);
  }

  async #call<T>(what: string, method: string, ...args: unknown[]): Promise<T> {
    await this.connect();
    try {
      return await this.#hub.invoke<T>(method, ...args);
    } catch (reason) {
      throw hubCallError(reason, what);
    }
  }
}
