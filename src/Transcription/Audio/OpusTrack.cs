namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// Turns Opus packets with their timestamps and gaps into one unbroken line of samples. A gap that lost packets left is filled by in-band error
/// correction and concealment, up to <see cref="LongestConcealment"/>; a gap without loss is discontinuous transmission and becomes silence.
/// Not thread-safe; allocates nothing per packet; no packet makes it throw.
/// </summary>
public sealed class OpusTrack : IDisposable
{
    /// <summary>Most samples that are made up for one gap, 120 ms; past that made-up sound only misleads the recognizer.</summary>
    public const int LongestConcealment = OpusDecoder.MaxPacketSamples;

    /// <summary>Timestamp ticks (48 kHz) beyond which a jump is a new time line and not a gap: one hour.</summary>
    public const int LongestJump = 48_000 * 3600;

    private const int TicksPerSample = 3;
    private const int DefaultPacketSamples = OpusDecoder.SampleRate / 50;

    // libopus sends a packet of at most two bytes (no coded frame behind the table-of-contents byte) to open a silence in discontinuous transmission.
    private const int LongestDtxPacket = 2;

    private readonly OpusDecoder _decoder = new();
    private readonly float[] _pcm = new float[OpusDecoder.MaxPacketSamples];
    private uint _expected;
    private bool _hasExpected;
    private int _lastPacketSamples = DefaultPacketSamples;

    /// <summary>What came so far.</summary>
    public OpusCounters Counters { get; } = new();

    /// <summary>Takes a packet and hands its samples on, those of the gap before it first.</summary>
    /// <param name="audio">The packet.</param>
    /// <param name="sink">Where the samples go.</param>
    public void Receive(in EncodedAudio audio, IAudioSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (audio.IsNewStream)
        {
            Restart();
        }

        var samples = OpusDecoder.CountSamples(audio.Payload);
        if (_hasExpected)
        {
            FillGap(audio, samples, sink);
        }

        Counters.Lost += Math.Max(0, audio.LostBefore);
        _hasExpected = true;
        _expected = audio.RtpTimestamp;
        if (audio.Payload.IsEmpty)
        {
            return;
        }

        if (audio.Payload.Length <= LongestDtxPacket && samples > 0)
        {
            Counters.Decoded++;
            Counters.SilentSamples += samples;
            sink.Silence(samples);
        }
        else
        {
            samples = Decode(audio.Payload, samples, sink);
        }

        _lastPacketSamples = samples;
        _expected += (uint)(samples * TicksPerSample);
    }

    /// <summary>Forgets the stream: the next packet starts a new one without a gap.</summary>
    public void Restart()
    {
        _decoder.Reset();
        _hasExpected = false;
        _lastPacketSamples = DefaultPacketSamples;
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private int Decode(ReadOnlySpan<byte> payload, int samples, IAudioSink sink)
    {
        var written = samples > 0 ? _decoder.Decode(payload, _pcm) : 0;
        if (written > 0)
        {
            Counters.Decoded++;
            sink.Samples(_pcm.AsSpan(0, written));
            return written;
        }

        Counters.Malformed++;
        Conceal(_lastPacketSamples, sink);
        return _lastPacketSamples;
    }

    private void FillGap(in EncodedAudio audio, int packetSamples, IAudioSink sink)
    {
        var ticks = (int)(audio.RtpTimestamp - _expected);
        if (ticks is < 0 or > LongestJump)
        {
            Counters.Discontinuities++;
            return;
        }

        var gap = ticks / TicksPerSample;
        if (gap == 0)
        {
            return;
        }

        if (audio.LostBefore <= 0)
        {
            Silence(gap, sink);
            return;
        }

        // Packets of the usual length are taken to fill the gap; where they can't, because the sender paused as well, what they don't fill is silence.
        var lost = (int)Math.Min(gap, (long)audio.LostBefore * OpusDecoder.MaxPacketSamples);
        var concealed = RoundDown(Math.Min(lost, LongestConcealment));
        var last = audio.LostBefore == 1 ? concealed : Math.Min(concealed, RoundDown(packetSamples > 0 ? packetSamples : _lastPacketSamples));
        Conceal(concealed - last, sink);
        if (gap > concealed)
        {
            Silence(gap - concealed, sink);
        }

        if (gap - concealed >= OpusDecoder.Grain)
        {
            // What the decoder remembers lies too far back to go on from.
            _decoder.Reset();
        }

        Restore(audio.Payload, last, sink);
    }

    private void Restore(ReadOnlySpan<byte> next, int samples, IAudioSink sink)
    {
        if (samples == 0)
        {
            return;
        }

        if (OpusDecoder.CountSamples(next) > 0 && next.Length > LongestDtxPacket && _decoder.DecodeFec(next, _pcm.AsSpan(0, samples)) == samples)
        {
            Counters.FecSamples += samples;
            sink.Samples(_pcm.AsSpan(0, samples));
            return;
        }

        Conceal(samples, sink);
    }

    private void Conceal(int samples, IAudioSink sink)
    {
        if (samples == 0)
        {
            return;
        }

        if (_decoder.Conceal(_pcm.AsSpan(0, samples)) == samples)
        {
            Counters.ConcealedSamples += samples;
            sink.Samples(_pcm.AsSpan(0, samples));
            return;
        }

        Silence(samples, sink);
    }

    private void Silence(long samples, IAudioSink sink)
    {
        Counters.SilentSamples += samples;
        sink.Silence(samples);
    }

    private static int RoundDown(int samples) => samples - (samples % OpusDecoder.Grain);
}
