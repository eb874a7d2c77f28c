using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>
/// A session's operators in order. It is changed between frames by the thread that runs it, so that no sample is lost or heard twice; operators that
/// stay keep their state wherever they move.
/// </summary>
/// <param name="catalog">Makes operators.</param>
/// <param name="host">The session.</param>
internal sealed class OperatorChain(OperatorCatalog catalog, OperatorHost host) : IDisposable
{
    private readonly float[] _frame = new float[OpusDecoder.MaxPacketSamples];
    private Link[] _links = [];

    /// <summary>Makes the chain what the settings say.</summary>
    /// <param name="settings">Operators that the catalog has checked.</param>
    public void Use(IReadOnlyList<OperatorSetting> settings)
    {
        var before = new List<Link>(_links);
        var links = new Link[settings.Count];
        for (var i = 0; i < links.Length; i++)
        {
            var same = before.FindIndex(link => link.Setting.Equals(settings[i]));
            links[i] = same >= 0 ? before[same] : new Link(settings[i], catalog.Create(settings[i], host));
            if (same >= 0)
            {
                before.RemoveAt(same);
            }
        }

        _links = links;
        foreach (var gone in before)
        {
            gone.Operator.Dispose();
        }
    }

    /// <summary>Runs samples through the chain.</summary>
    /// <param name="pcm">The samples.</param>
    /// <param name="door">What brought them.</param>
    /// <param name="next">Gets what comes out, piece by piece; as many samples as went in.</param>
    public void Process(ReadOnlySpan<float> pcm, AudioDoor door, IAudioSink next)
    {
        if (_links.Length == 0)
        {
            next.Samples(pcm);
            return;
        }

        while (!pcm.IsEmpty)
        {
            var frame = _frame.AsSpan(0, Math.Min(pcm.Length, _frame.Length));
            pcm[..frame.Length].CopyTo(frame);
            foreach (var link in _links)
            {
                link.Operator.Process(frame, door);
            }

            next.Samples(frame);
            pcm = pcm[frame.Length..];
        }
    }

    /// <summary>Lets operators know of silence that is not written out.</summary>
    public void Silence(long count, AudioDoor door)
    {
        foreach (var link in _links)
        {
            link.Operator.Silence(count, door);
        }
    }

    /// <summary>Shows operators a packet before it is decoded.</summary>
    public void Packet(in EncodedAudio audio)
    {
        foreach (var link in _links)
        {
            link.Operator.Packet(audio);
        }
    }

    public void Dispose()
    {
        // Forgotten first: one that throws is not met again by whoever ends the session over it.
        var links = _links;
        _links = [];
        foreach (var link in links)
        {
            link.Operator.Dispose();
        }
    }

    private readonly record struct Link(OperatorSetting Setting, IAudioOperator Operator);
}
