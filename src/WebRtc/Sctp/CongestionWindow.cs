namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Congestion control of the single path (RFC 9260 s7.2): slow start, congestion avoidance, fast recovery. The window is never below one packet.
/// </summary>
internal struct CongestionWindow
{
    private readonly int _packet;
    private long _threshold;
    private long _partial;
    private uint _recoveryExit;

    /// <param name="packet">Payload of one full packet.</param>
    /// <param name="peerWindow">The receive window the other side announced, the first threshold (RFC 9260 s7.2.1).</param>
    public CongestionWindow(int packet, uint peerWindow)
    {
        _packet = packet;
        _threshold = peerWindow;
        _partial = 0;
        _recoveryExit = 0;
        Size = Initial(packet);
        IsRecovering = false;
    }

    /// <summary>Bytes that may be in flight.</summary>
    public long Size { get; private set; }

    /// <summary>True from a fast retransmit until everything then in flight is acknowledged (RFC 9260 s7.2.4).</summary>
    public bool IsRecovering { get; private set; }

    /// <summary>The cumulative acknowledgement moved on.</summary>
    /// <param name="cumulativeTsn">To where.</param>
    /// <param name="acknowledged">Bytes acknowledged by this SACK.</param>
    /// <param name="flightBefore">Bytes in flight before it.</param>
    /// <param name="flightAfter">Bytes in flight after it.</param>
    public void Acknowledge(uint cumulativeTsn, int acknowledged, long flightBefore, long flightAfter)
    {
        if (IsRecovering)
        {
            IsRecovering = !Serial.IsAtOrAfter(cumulativeTsn, _recoveryExit);
            return;
        }

        if (Size <= _threshold)
        {
            // Slow start grows only while the window is really used (RFC 9260 s7.2.1).
            if (flightBefore + _packet > Size)
            {
                Size += Math.Min(acknowledged, _packet);
            }

            return;
        }

        _partial += acknowledged;
        if (_partial >= Size)
        {
            _partial = flightBefore + _packet > Size ? _partial - Size : Size;
            if (flightBefore + _packet > Size)
            {
                Size += _packet;
            }
        }

        if (flightAfter == 0)
        {
            _partial = 0;
        }
    }

    /// <summary>A chunk is missing by the word of three SACKs (RFC 9260 s7.2.4).</summary>
    /// <param name="highestSent">Highest TSN in flight: recovery lasts until it is acknowledged.</param>
    /// <returns>True when this begins a recovery.</returns>
    public bool EnterRecovery(uint highestSent)
    {
        if (IsRecovering)
        {
            return false;
        }

        IsRecovering = true;
        _recoveryExit = highestSent;
        _threshold = Math.Max(Size / 2, 4L * _packet);
        Size = _threshold;
        _partial = 0;
        return true;
    }

    /// <summary>The retransmission timer expired (RFC 9260 s7.2.3).</summary>
    public void Timeout()
    {
        _threshold = Math.Max(Size / 2, 4L * _packet);
        Size = _packet;
        _partial = 0;
        IsRecovering = false;
    }

    /// <summary>Nothing was sent for some round trips: halve for each (RFC 9260 s7.2.1).</summary>
    public void Idle(long periods)
    {
        var floor = Initial(_packet);
        while (periods-- > 0 && Size > floor)
        {
            Size = Math.Max(Size / 2, floor);
        }
    }

    // RFC 9260 s7.2.1: min(4 * PMDCS, max(2 * PMDCS, 4404)).
    private static long Initial(int packet) => Math.Min(4L * packet, Math.Max(2L * packet, 4404));
}
