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
    private readonly OperatorCatalog _catalog;
    private readonly OperatorHost _host;
    private readonly string _stem;
    private OggOpusWriter? _opus;
    private WavWriter? _wav;
    private int _files;
    private long _counted;
    private bool _isOver;

    /// <summary>Makes one; a file appears with the first audio.</summary>
    /// <param name="catalog">Knows where the files go; the folder is made if it is not there.</param>
    /// <param name="host">The session, which is told once when the disk takes no more, and goes on without.</param>
    internal Recording(OperatorCatalog catalog, OperatorHost host)
    {
        _catalog = catalog;
        _host = host;
        _stem = Path.Combine(catalog.RecordingFolder!, host.NextRecording());
    }

    /// <summary>Makes a file that nobody else may read.</summary>
    /// <param name="path">Its name; there is none of that name yet.</param>
    /// <exception cref="IOException">The disk is full, or the name is taken.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the server's to write to.</exception>
    internal static Stream Create(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
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

        return new FileStream(path, options);
    }

    /// <inheritdoc/>
    public void Packet(in EncodedAudio audio)
    {
        if (_isOver || audio.Payload.IsEmpty)
        {
            return;
        }

        try
        {
            if (_opus is null)
            {
                Close();
                _opus = new OggOpusWriter(Open("opus"), _host.Time);
            }

            _opus.Write(audio);
            Count(_opus.Bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            End(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        if (_isOver || door == AudioDoor.Opus)
        {
            return;
        }

        try
        {
            var wav = OpenWav();
            wav.Write(samples);
            Count(wav.Bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            End(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Silence(long count, AudioDoor door)
    {
        if (_isOver || door == AudioDoor.Opus)
        {
            return;
        }

        try
        {
            var wav = OpenWav();
            wav.WriteSilence(count);
            Count(wav.Bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            End(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (IOException exception)
        {
            _host.RecordingFailed(exception.Message);
        }
    }

    private WavWriter OpenWav()
    {
        if (_wav is null)
        {
            Close();
            _wav = new WavWriter(Open("wav"));
        }

        return _wav;
    }

    private void Count(long bytes)
    {
        _host.RecordedBytes += bytes - _counted;
        _counted = bytes;
        StopAtLimit();
    }

    private void StopAtLimit()
    {
        if (_host.RecordedBytes >= _catalog.MaxRecordingBytes)
        {
            throw new IOException(FormattableString.Invariant(
                $"The recordings of a session may take {_catalog.MaxRecordingBytes / 1e6:0.#} MB on this server (Recording:MaxMegabytes)."));
        }
    }

    private void Close()
    {
        var (opus, wav, counted) = (_opus, _wav, _counted);
        (_opus, _wav, _counted) = (null, null, 0);
        wav?.Dispose();
        opus?.Dispose();

        // The last page comes only now; without it, recordings of less than a second would take next to nothing.
        _host.RecordedBytes += (opus?.Bytes ?? counted) - counted;
    }

    private void End(string reason)
    {
        _isOver = true;
        try
        {
            Close();
        }
        catch (IOException)
        {
            // A full disk refuses the end of the file as well; it is told once.
        }

        _host.RecordingFailed(reason);
    }

    private Stream Open(string extension)
    {
        StopAtLimit();
        return _catalog.CreateRecording(string.Create(CultureInfo.InvariantCulture, $"{_stem}-{++_files}.{extension}"));
    }
}
