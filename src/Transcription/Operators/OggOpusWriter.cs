using System.Buffers.Binary;
using System.Security.Cryptography;
using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>
/// Puts Opus packets into an Ogg file as they came (RFC 3533, RFC 7845): nothing is decoded or encoded. Missing packets leave packets that ask for
/// concealment, so that the recording is as long as the call was. Allocates nothing per packet.
/// </summary>
public sealed class OggOpusWriter : IDisposable
{
    private const int MaxSegments = 255;
    private const int HeaderBytes = 27;
    private const int TicksPerSample = 3;
    private const int PageTicks = 48_000;
    private const int FillTicks = 960;

    // Packets that a network held back come with less time between them than lies in their gap.
    private const int HeldBackTicks = 2 * 48_000;

    // What libopus's encoders add before the first sample (RFC 7845, section 4.2).
    private const ushort PreSkip = 312;
    private const byte Continued = 0;
    private const byte First = 2;
    private const byte Last = 4;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly uint _serial;
    private readonly byte[] _segments = new byte[MaxSegments];
    private readonly byte[] _page = new byte[HeaderBytes + MaxSegments + (MaxSegments * 255)];
    private readonly byte[] _body = new byte[MaxSegments * 255];
    private int _segmentCount;
    private int _bodyLength;
    private uint _sequence;
    private long _granule;
    private long _owed;
    private long _arrivedAt;
    private long _pageStart;
    private uint _expected;
    private bool _hasExpected;
    private bool _hasHead;

    /// <summary>Makes one.</summary>
    /// <param name="stream">Where the file goes; disposed of with this.</param>
    /// <param name="time">The clock that the packets' times of arrival are of.</param>
    public OggOpusWriter(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        Span<byte> serial = stackalloc byte[4];
        RandomNumberGenerator.Fill(serial);
        _serial = BinaryPrimitives.ReadUInt32LittleEndian(serial);
    }

    /// <summary>Length so far, in samples at 48 kHz.</summary>
    public long Ticks => _granule;

    /// <summary>Bytes so far that the stream was given.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a packet, and what went missing before it.</summary>
    /// <param name="audio">The packet; damaged ones count as missing.</param>
    public void Write(in EncodedAudio audio)
    {
        var samples = audio.Payload.IsEmpty ? 0 : OpusDecoder.CountSamples(audio.Payload);
        if (samples <= 0)
        {
            return;
        }

        // RFC 6716, section 3.1: the third bit of the first byte tells stereo. A mono file would lose one of the sides.
        WriteHead(channels: (audio.Payload[0] & 4) != 0 ? (byte)2 : (byte)1);
        if (audio.IsNewStream)
        {
            _hasExpected = false;
        }

        var gap = _hasExpected ? (int)(audio.RtpTimestamp - _expected) : 0;
        if (gap is > 0 and <= OpusTrack.LongestJump)
        {
            // No more is missing than time has passed: timestamps that run ahead of it would fill the disk. What they claim beyond that is left out, for RFC 7845,
            // section 4.1 forbids granule positions that no packet accounts for.
            Fill(Math.Clamp(Passed(audio.ArrivedAt) + HeldBackTicks, 0, gap), audio.Payload[0]);
        }

        Add(audio.Payload, samples * TicksPerSample);
        _arrivedAt = audio.ArrivedAt;
        _expected = audio.RtpTimestamp + (uint)(samples * TicksPerSample);
        _hasExpected = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (_hasHead)
            {
                Flush(Last);
            }
        }
        finally
        {
            _stream.Dispose();
        }
    }

    private long Passed(long arrivedAt) => (long)(_time.GetElapsedTime(_arrivedAt, arrivedAt).TotalSeconds * 48_000);

    private void Fill(long ticks, byte like)
    {
        // RFC 7845, section 4.1: a packet of the first byte alone has frames without data, which a decoder conceals. SILK-only wideband lasts
        // 20 ms in configuration 9, hybrid in 13 and 15, CELT in 19, 23, 27 and 31.
        var configuration = (like >> 3) switch
        {
            < 12 => (((like >> 3) / 4) * 4) + 1,
            < 16 => (like >> 3) | 1,
            _ => (like >> 3) | 3,
        };
        Span<byte> empty = [(byte)((configuration << 3) | (like & 4))];
        for (_owed += ticks; _owed >= FillTicks; _owed -= FillTicks)
        {
            Add(empty, FillTicks);
        }

        // In every mode the configuration before lasts 10 ms. What is less than that waits for the next gap.
        if (_owed >= FillTicks / 2)
        {
            empty[0] -= 1 << 3;
            Add(empty, FillTicks / 2);
            _owed -= FillTicks / 2;
        }
    }

    private void Add(ReadOnlySpan<byte> packet, int ticks)
    {
        var needed = (packet.Length / 255) + 1;
        if (_segmentCount > 0 && (_segmentCount + needed > MaxSegments || _granule - _pageStart >= PageTicks))
        {
            Flush(Continued);
        }

        for (var left = packet.Length; left >= 0; left -= 255)
        {
            _segments[_segmentCount++] = (byte)Math.Min(left, 255);
        }

        packet.CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += packet.Length;
        _granule += ticks;
    }

    private void WriteHead(byte channels)
    {
        if (_hasHead)
        {
            return;
        }

        _hasHead = true;
        Span<byte> head = stackalloc byte[19];
        "OpusHead"u8.CopyTo(head);
        head[8] = 1;
        head[9] = channels;
        BinaryPrimitives.WriteUInt16LittleEndian(head[10..], PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], 48_000);
        Add(head, 0);
        Flush(First);
        Span<byte> tags = stackalloc byte[26];
        "OpusTags"u8.CopyTo(tags);
        BinaryPrimitives.WriteUInt32LittleEndian(tags[8..], 10);
        "AsrHub.Rtc"u8.CopyTo(tags[12..]);
        BinaryPrimitives.WriteUInt32LittleEndian(tags[22..], 0);
        Add(tags, 0);
        Flush(Continued);
    }

    private void Flush(byte type)
    {
        // RFC 3533, section 6.
        var page = _page.AsSpan();
        "OggS"u8.CopyTo(page);
        page[4] = 0;
        page[5] = type;
        BinaryPrimitives.WriteInt64LittleEndian(page[6..], _granule);
        BinaryPrimitives.WriteUInt32LittleEndian(page[14..], _serial);
        BinaryPrimitives.WriteUInt32LittleEndian(page[18..], _sequence++);
        BinaryPrimitives.WriteUInt32LittleEndian(page[22..], 0);
        page[26] = (byte)_segmentCount;
        _segments.AsSpan(0, _segmentCount).CopyTo(page[HeaderBytes..]);
        _body.AsSpan(0, _bodyLength).CopyTo(page[(HeaderBytes + _segmentCount)..]);
        page = page[..(HeaderBytes + _segmentCount + _bodyLength)];
        BinaryPrimitives.WriteUInt32LittleEndian(page[22..], OggChecksum.Compute(page));

        // Before the stream has its say: a page that it refuses is not written again when this is disposed of.
        _segmentCount = 0;
        _bodyLength = 0;
        _pageStart = _granule;
        Bytes += page.Length;
        _stream.Write(page);

        // What a second has brought is with the system then, and there after a crash of this program.
        _stream.Flush();
    }
}
