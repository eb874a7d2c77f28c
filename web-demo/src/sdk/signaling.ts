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

  createSession(request: SessionRequest): Promise<CreatedSession> {
    return this.#call('start a session', 'CreateSession', request);
  }

  async offer(session: CreatedSession, sdp: string): Promise<string> {
    return (await this.#call<{ sdp: string }>('answer the offer', 'Offer', session.sessionId, sdp)).sdp;
  }

  async restart(session: CreatedSession, sdp: string): Promise<string> {
    return (await this.#call<{ sdp: string }>('restart the connection', 'Restart', session.sessionId, sdp)).sdp;
  }

  close(session: CreatedSession): Promise<void> {
    return this.#call('close the session', 'Close', session.sessionId);
  }

  async disconnect(): Promise<void> {
    await this.#hub.stop();
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
