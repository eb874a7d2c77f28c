namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>What became of one packet. Everything but <see cref="Ok"/> means: drop it, count it by this reason.</summary>
public enum SrtpStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Shorter than a header and a tag.</summary>
    TooShort,

    /// <summary>Not version 2, or the header points past the end.</summary>
    Malformed,

    /// <summary>This index was already accepted.</summary>
    Replayed,

    /// <summary>So far behind the newest packet that nobody can tell whether it is a replay.</summary>
    TooOld,

    /// <summary>The tag does not match: another key, or changed on the way.</summary>
    AuthenticationFailed,

    /// <summary>Sending: the buffer has no room for the tag.</summary>
    BufferTooSmall,

    /// <summary>Sending: this index was already used with this key, and a second use would give the keystream away (RFC 3711 s9.1).</summary>
    IndexReused,

    /// <summary>Sending: every index of this key is used up; a new handshake is needed (RFC 3711 s9.2).</summary>
    KeyExhausted,
}
