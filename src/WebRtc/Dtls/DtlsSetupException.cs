namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>OpenSSL refused a setting or an allocation: the machine's fault or ours, never the peer's.</summary>
public sealed class DtlsSetupException : Exception
{
    /// <summary>Makes one without words.</summary>
    public DtlsSetupException()
    {
    }

    /// <summary>Makes one that says what was refused.</summary>
    public DtlsSetupException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a cause.</summary>
    public DtlsSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
