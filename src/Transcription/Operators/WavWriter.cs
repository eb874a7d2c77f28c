using System.Buffers.Binary;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Writes mono samples at 16 kHz as a WAV file of 16 bits. Until it is closed its header says that the length is unknown.</summary>
public sealed class WavWriter : IDisposable
{
    private const int SampleRate = 16_000;
    private const int HeaderBytes = 44;
    private const int BufferSamples = 4096;
    private const uint Unknown = uint.MaxValue;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[BufferSamples * 2];

    /// <summary>Makes one.</summary>
    /// <param name="stream">Where the file goes, seekable; disposed of with this.</param>
    public WavWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        WriteHeader(Unknown);
    }

    /// <summary>Samples so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Bytes so far that the stream was given.</summary>
    public long Bytes => HeaderBytes + (Samples * 2);

    /// <summary>Adds samples.</summary>
    /// <param name="samples">-1 to 1; what lies beyond is cut.</param>
    public void Write(ReadOnlySpan<float> samples)
    {
        while (!samples.IsEmpty)
        {
            var count = Math.Min(samples.Length, BufferSamples);
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt16LittleEndian(_buffer.AsSpan(i * 2), (short)Math.Clamp(MathF.Round(samples[i] * 32_767), -32_768, 32_767));
            }

            _stream.Write(_buffer, 0, count * 2);
            Samples += count;
            samples = samples[count..];
        }
    }

    /// <summary>Adds silence.</summary>
    /// <param name="count">Samples of it.</param>
    public void WriteSilence(long count)
    {
        Array.Clear(_buffer);
        for (var left = count; left > 0; left -= BufferSamples)
        {
            _stream.Write(_buffer, 0, (int)Math.Min(left, BufferSamples) * 2);
        }

        Samples += count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _stream.Position = 0;
            WriteHeader((uint)Math.Min(Samples * 2, Unknown - HeaderBytes));
        }
        finally
        {
            _stream.Dispose();
        }
    }

    private void WriteHeader(uint dataBytes)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], dataBytes == Unknown ? Unknown : dataBytes + HeaderBytes - 8);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], SampleRate * 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], dataBytes);
        _stream.Write(header);
    }
}
