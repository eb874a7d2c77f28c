"""Sends a sound file to the server with aiortc and prints what comes back on the data channel, one JSON event a line: aiortc_client.py URL FILE"""
import asyncio
import json
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from signalr import Hub


async def main(url, path):
    hub = await Hub.connect(url.rstrip("/") + "/hubs/signaling")
    session = await hub.call("CreateSession", {"include": ["x-interim"], "turnDetection": {"silenceDurationMs": 1500}})
    peer = RTCPeerConnection()
    player = MediaPlayer(path)
    channel = peer.createDataChannel("oai-events")
    peer.addTransceiver(player.audio, direction="sendonly")
    spoken = asyncio.Event()
    closed = asyncio.Event()

    @player.audio.on("ended")
    def _():
        spoken.set()

    @channel.on("message")
    def _(text):
        print(text, flush=True)
        if json.loads(text)["type"] == "x-session.closed":
            closed.set()

    await peer.setLocalDescription(await peer.createOffer())
    answer = await hub.call("Offer", session["sessionId"], peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(sdp=answer["sdp"], type="answer"))
    await asyncio.wait_for(spoken.wait(), 60)
    await asyncio.wait_for(hub.call("Close", session["sessionId"]), 30)
    await asyncio.wait_for(closed.wait(), 10)
    await peer.close()
    hub.close()


asyncio.run(main(sys.argv[1], sys.argv[2]))
