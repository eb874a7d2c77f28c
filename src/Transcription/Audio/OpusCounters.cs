namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>What a stream of Opus packets was made of.</summary>
public sealed class OpusCounters
{
    /// <summary>Packets decoded.</summary>
    public long Decoded { get; internal set; }

    /// <summary>Payloads that were not valid Opus; concealed.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Packets that never came.</summary>
    public long Lost { get; internal set; }

    /// <summary>Samples restored from in-band error correction, or concealed where the packet carried none.</summary>
    public long FecSamples { get; internal set; }

    /// <summary>Samples made up by concealment alone.</summary>
    public long ConcealedSamples { get; internal set; }

    /// <summary>Samples of silence put in for discontinuous transmission and for gaps too long to conceal.</summary>
    public long SilentSamples { get; internal set; }

    /// <summary>Timestamps that went backwards or further ahead than <see cref="OpusTrack.LongestJump"/>.</summary>
    public long Discontinuities { get; internal set; }
}
