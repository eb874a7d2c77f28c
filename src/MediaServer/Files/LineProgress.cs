using System.Diagnostics;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>A line every few seconds, for logs and for standard error that is no terminal.</summary>
internal sealed class LineProgress(TextWriter output) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public IProgressTrack Begin(string file, TimeSpan? duration) => new Track(_output, file, duration);

    public void Say(string line) => _output.WriteLine(line);

    private sealed class Track(TextWriter output, string file, TimeSpan? duration) : IProgressTrack
    {
        private TimeSpan _from;
        private long _began = Stopwatch.GetTimestamp();
        private long _said = Stopwatch.GetTimestamp();

        public void Start(TimeSpan position)
        {
            _from = position;
            _began = _said = Stopwatch.GetTimestamp();
        }

        public void Advance(TimeSpan position)
        {
            if (Stopwatch.GetElapsedTime(_said) >= Interval)
            {
                _said = Stopwatch.GetTimestamp();
                var share = duration is { } whole ? FormattableString.Invariant($" of {whole:hh\\:mm\\:ss} ({position / whole:0%})") : "";
                output.WriteLine(FormattableString.Invariant($"{file}: {position:hh\\:mm\\:ss}{share}, {Speed(position):0.0} times as fast as it was spoken"));
            }
        }

        public void End(TimeSpan position)
        {
            var took = Stopwatch.GetElapsedTime(_began);
            output.WriteLine(FormattableString.Invariant($"{file}: {(position - _from).TotalSeconds:0.0} s of audio in {took.TotalSeconds:0.0} s"));
        }

        private double Speed(TimeSpan position) => (position - _from) / Stopwatch.GetElapsedTime(_began);
    }
}
