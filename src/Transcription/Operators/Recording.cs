using System.Globalization;
using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>
/// Keeps what a session heard: Opus packets in an Ogg file as they came, samples of other doors in a WAV file. A session that uses both gets a
/// file for each stretch.
/// </summary>
public sealed class Recording : IAudioOperator
{
    private const int BufferBytes = 1 << 16;
    private readonly string _stem;
    private readonly Action<string> _failed;
    private OggOpusWriter? _opus;
    private WavWriter? _wav;
    private int _files;
    private bool _broken;

    /// <summary>Makes one; a file appears with the first audio.</summary>
    /// <param name="folder">Where the files go; made if it is not there.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="failed">Told once, when the disk takes no more; the session goes on without.</param>
    public Recording(string folder, string name, Action<string> failed)
    {
        _stem = Path.Combine(folder, name);
        _failed = failed;
    }

    /// <inheritdoc/>
    public void Packet(in EncodedAudio audio)
    {
        if (_broken || audio.Payload.IsEmpty)
        {
            return;
        }

        try
        {
            _wav?.Dispose();
            _wav = null;
            _opus ??= new OggOpusWriter(Open("opus"));
            _opus.Write(audio);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        if (_broken || door == AudioDoor.Opus)
        {
            return;
        }

        try
        {
            OpenWav().Write(samples);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    /// <inheritdoc/>
    public void Silence(long count, AudioDoor door)
    {
        if (_broken || door == AudioDoor.Opus)
        {
            return;
        }

        try
        {
            OpenWav().WriteSilence(count);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _opus?.Dispose();
            _wav?.Dispose();
        }
        catch (IOException exception)
        {
            _failed(exception.Message);
        }
    }

    private WavWriter OpenWav()
    {
        _opus?.Dispose();
        _opus = null;
        return _wav ??= new WavWriter(Open("wav"));
    }

    private FileStream Open(string extension)
    {
        var folder = Path.GetDirectoryName(_stem)!;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows())
        {
            // Voices are their owners' business, not that of everybody with an account here.
            _ = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        else
        {
            _ = Directory.CreateDirectory(folder);
        }

        return new FileStream(string.Create(CultureInfo.InvariantCulture, $"{_stem}-{++_files}.{extension}"), options);
    }

    private void Fail(Exception exception)
    {
        _broken = true;
        _failed(exception.Message);
    }
}
