using System.Globalization;
using System.Text;

namespace AsrHub.Rtc.LatencyBench;

/// <summary>Measured times by name, milliseconds.</summary>
internal sealed class Figures
{
    private readonly List<Figure> _all = [];

    public Figure Open { get; }

    public Figure PacketToSession { get; }

    public Figure SpeechStarted { get; }

    public Figure FirstInterim { get; }

    public Figure FirstDelta { get; }

    public Figure EndpointToFinal { get; }

    public Figure VoiceToFinal { get; }

    public Figure CutToFinal { get; }

    public Figure Pass { get; }

    public Figures(int silenceMs)
    {
        Open = Add("open", "offer sent -> data channel open", 150);
        PacketToSession = Add("packet", "packet sent -> in the session's queue", null);
        SpeechStarted = Add("speech_started", "speech starts -> speech_started", null);
        FirstInterim = Add("first_interim", "speech starts -> first interim words", 500);
        FirstDelta = Add("first_delta", "speech starts -> first delta", null);
        EndpointToFinal = Add("endpoint_to_final", "speech_stopped -> completed", 150);
        VoiceToFinal = Add("voice_to_final", "last voiced sample -> completed", silenceMs + 150);
        CutToFinal = Add("cut_to_final", "last packet, in mid-speech -> completed", silenceMs + 200);
        Pass = Add("pass", "pass, its wait included (x-stats)", null);
    }

    public string ToTable()
    {
        var table = new StringBuilder();
        _ = table.AppendLine("| what (ms) | median | p99 | budget | samples |").AppendLine("|---|---:|---:|---:|---:|");
        foreach (var figure in _all.Where(figure => figure.Count > 0))
        {
            _ = table.AppendLine(CultureInfo.InvariantCulture, $"| {figure.Text} | {figure.At(0.5):0.0} | {figure.At(0.99):0.0} | {figure.Budget} | {figure.Count} |");
        }

        return table.ToString();
    }

    public string ToJson(BenchOptions options) => FormattableString.Invariant(
        $"{{\"bench\":\"latency\",\"talkers\":{options.Talkers},\"clips\":{options.Clips},\"silence_ms\":{options.SilenceMs},")
        + string.Join(',', _all.Select(figure => FormattableString.Invariant($"\"{figure.Name}\":{{\"median\":{figure.At(0.5):0.0},\"p99\":{figure.At(0.99):0.0},\"n\":{figure.Count}}}")))
        + "}";

    private Figure Add(string name, string text, int? budget)
    {
        var figure = new Figure(name, text, budget);
        _all.Add(figure);
        return figure;
    }
}

/// <summary>One of them; talkers add to it at once.</summary>
/// <param name="name">In the JSON line.</param>
/// <param name="text">In the table.</param>
/// <param name="budget">What the median must not exceed.</param>
internal sealed class Figure(string name, string text, int? budget)
{
    private readonly List<double> _values = [];

    public string Name => name;

    public string Text => text;

    public int? Budget => budget;

    public int Count => _values.Count;

    public void Add(double milliseconds)
    {
        lock (_values)
        {
            _values.Add(milliseconds);
        }
    }

    /// <summary>A quantile, by nearest rank.</summary>
    public double At(double quantile)
    {
        if (_values.Count == 0)
        {
            return 0;
        }

        _values.Sort();
        return _values[Math.Max(0, (int)Math.Ceiling(quantile * _values.Count) - 1)];
    }
}
