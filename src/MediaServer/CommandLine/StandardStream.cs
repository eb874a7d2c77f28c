using AsrHub.Rtc.MediaServer.Edge;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>
/// Standard output and error of the commands that end. What output does not take is told as <see cref="StandardOutputException"/>; what error does not take is lost, and
/// the work goes on.
/// </summary>
internal sealed class StandardStream : Stream
{
    private const int OutputDescriptor = 1;
    private readonly Stream _console;
    private readonly bool _isOutput;

    private StandardStream(Stream console, bool isOutput)
    {
        _console = console;
        _isOutput = isOutput;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Has <see cref="Console.Out"/> and <see cref="Console.Error"/> write through such streams.</summary>
    internal static void Use()
    {
        var encoding = Console.OutputEncoding;
        Console.SetOut(new StreamWriter(new StandardStream(Console.OpenStandardOutput(), isOutput: true), encoding) { AutoFlush = true });
        Console.SetError(new StreamWriter(new StandardStream(Console.OpenStandardError(), isOutput: false), encoding) { AutoFlush = true });
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _console.Write(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isOutput)
            {
                return;
            }

            var reason = exception.GetBaseException().Message.TrimEnd('.');
            throw new StandardOutputException($"Standard output cannot be written: {reason}. Send it to another place (of transcribe with --output).", exception);
        }

        // The console passes over EPIPE, and the program would go on for hours for nobody.
        if (_isOutput && HasNoReader())
        {
            throw new StandardOutputException("Stopped, because nobody reads standard output any more.");
        }
    }

    public override void Flush() => _console.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static unsafe bool HasNoReader()
    {
        var descriptor = new LibC.PollFd { Descriptor = OutputDescriptor };
        return LibC.Poll(&descriptor, 1, 0) > 0 && (descriptor.Happened & (LibC.POLLERR | LibC.POLLHUP)) != 0;
    }
}
