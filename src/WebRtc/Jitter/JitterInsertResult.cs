namespace AsrHub.Rtc.WebRtc.Jitter;

/// <summary>What a jitter buffer did with a packet.</summary>
public enum JitterInsertResult
{
    /// <summary>It will be released, now or when its turn comes.</summary>
    Accepted,

    /// <summary>It has no payload (padding, or not for the decoder): its place in the sequence counts, nothing is released.</summary>
    Empty,

    /// <summary>This sequence number is already waiting.</summary>
    Duplicate,

    /// <summary>Its turn is over: it was released already, or its gap was given up.</summary>
    TooLate,

    /// <summary>It is from a source that was just replaced by another.</summary>
    Straggler,

    /// <summary>The sequence leapt backwards: followed only if the next packet confirms it.</summary>
    Suspicious,

    /// <summary>The payload is longer than a slot.</summary>
    TooLarge,

    /// <summary>Released frames were not read, and every slot is taken.</summary>
    Full,
}
