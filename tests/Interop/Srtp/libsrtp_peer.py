"""Runs libsrtp on packets from standard input: "<protect|unprotect> <rtp|rtcp> <profile> <key and salt> <packet>" a line, hex in, hex or "refused" out."""

import sys

from pylibsrtp import Error, Policy, Session

PROFILES = {
    "Aes128CmHmacSha1Tag80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AeadAes128Gcm": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
}

sessions = {}


def session_for(operation, profile, key):
    name = (operation, profile, key)
    if name not in sessions:
        kind = Policy.SSRC_ANY_OUTBOUND if operation == "protect" else Policy.SSRC_ANY_INBOUND
        sessions[name] = Session(
            Policy(key=bytes.fromhex(key), ssrc_type=kind, srtp_profile=PROFILES[profile])
        )
    return sessions[name]


for line in sys.stdin:
    operation, protocol, profile, key, packet = line.split()
    session = session_for(operation, profile, key)
    method = getattr(session, operation + ("_rtcp" if protocol == "rtcp" else ""))
    try:
        print(method(bytes.fromhex(packet)).hex())
    except Error:
        print("refused")
