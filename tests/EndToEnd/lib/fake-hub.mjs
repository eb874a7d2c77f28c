const End = '\x1e';

/**
 * Stands in for the server: speaks SignalR's JSON protocol to the page, and answers its offer with a real RTCPeerConnection in a page
 * of its own, so that events can be scripted over a real data channel.
 */
export class FakeHub {
  /** Calls the page made, by name. */
  calls = [];
  /** Commands that came over the data channel. */
  commands = [];
  /** Set to refuse the negotiation with this HTTP status. */
  refuse = 0;
  /** Set to change the answer's description on its way to the page. */
  rewriteAnswer = (sdp) => sdp;
  /** What `CreateSession` waits for. */
  hold = Promise.resolve();
  /** Errors to answer calls with, by method. */
  errors = {};
  #peer;
  #sequence = 0;
  #sessions = 0;

  static async install(context) {
    const hub = new FakeHub();
    hub.#peer = await context.newPage();
    await hub.#peer.exposeFunction('onCommand', (text) => hub.commands.push(JSON.parse(text)));
    await context.route('**/hubs/signaling/negotiate*', (route) => {
      if (hub.refuse) return route.fulfill({ status: hub.refuse, body: '' });
      return route.fulfill({
        json: { connectionId: 'c', connectionToken: 't', negotiateVersion: 1, availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }] },
      });
    });
    await context.routeWebSocket(/\/hubs\/signaling/, (socket) => {
      hub.socket = socket;
      socket.onMessage(async (data) => {
        for (const text of String(data).split(End).filter(Boolean)) await hub.#answer(socket, JSON.parse(text));
      });
    });
    return hub;
  }

  /** Sends events over the data channel. */
  async say(...events) {
    for (const fields of events) {
      this.#sequence += 1;
      await this.#peer.evaluate((text) => window.channel.send(text), JSON.stringify({ event_id: `event_${this.#sequence}`, 'x-seq': this.#sequence, ...fields }));
    }
  }

  /** Takes the far end of the connection away without a word. */
  async vanish() {
    await this.#peer.evaluate(() => window.peer.close());
  }

  async #answer(socket, message) {
    if (message.protocol) return socket.send(`{}${End}`);
    if (message.type !== 1) return undefined;
    this.calls.push(message.target);
    const reply = this.errors[message.target]
      ? { type: 3, invocationId: message.invocationId, error: this.errors[message.target] }
      : { type: 3, invocationId: message.invocationId, result: await this.#result(message.target, message.arguments) };
    return socket.send(JSON.stringify(reply) + End);
  }

  async #result(method, args) {
    if (method === 'CreateSession') {
      await this.hold;
      this.#sessions += 1;
      this.#sequence = 0;
      const id = `sess_${this.#sessions}`;
      return { sessionId: id, resumeToken: 'token', iceServers: [], session: { id } };
    }
    if (method === 'Offer') return { sdp: this.rewriteAnswer(await this.#peer.evaluate(answerOffer, args[1])) };
    if (method === 'Restart') return { sdp: this.rewriteAnswer(await this.#peer.evaluate(answerRestart, args[1])) };
    return null;
  }
}

async function answerOffer(sdp) {
  window.peer?.close();
  const peer = (window.peer = new RTCPeerConnection());
  peer.ondatachannel = ({ channel }) => {
    window.channel = channel;
    channel.onmessage = ({ data }) => window.onCommand(data);
  };
  return await window.peer.setRemoteDescription({ type: 'offer', sdp }).then(async () => {
    await peer.setLocalDescription(await peer.createAnswer());
    await new Promise((resolve) => {
      const check = () => peer.iceGatheringState === 'complete' && resolve();
      peer.onicegatheringstatechange = check;
      check();
    });
    return peer.localDescription.sdp;
  });
}

async function answerRestart(sdp) {
  await window.peer.setRemoteDescription({ type: 'offer', sdp });
  await window.peer.setLocalDescription(await window.peer.createAnswer());
  return window.peer.localDescription.sdp;
}
