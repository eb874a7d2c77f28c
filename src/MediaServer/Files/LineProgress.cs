namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>A line every few seconds, for logs and for standard error that is no terminal.</summary>
internal sealed class LineProgress(TextWriter output, TimeProvider time) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public IProgressTrack Begin(string file, TimeSpan? duration) => new Track(_output, time, file, duration);

    public void Say(string line) => _output.WriteLine(line);

    private sealed class Track(TextWriter output, TimeProvider time, string file, TimeSpan? duration) : IProgressTrack
    {
        private TimeSpan _from;
        private long _began = time.GetTimestamp();
        private long _said = time.GetTimestamp();

        public void Start(TimeSpan position)
        {
            _from = position;
            _began = _said = time.GetTimestamp();
        }

        public void Advance(TimeSpan position)
        {
            if (time.GetElapsedTime(_said) >= Interval)
            {
                _said = time.GetTimestamp();
                var share = duration is { } whole ? FormattableString.Invariant($" of {Clock(whole)} ({position / whole:0%})") : "";
                output.WriteLine(FormattableString.Invariant($"{file}: {Clock(position)}{share}, {Speed(position):0.0} times as fast as it was spoken"));
            }
        }

        public void End(TimeSpan position)
        {
            var took = time.GetElapsedTime(_began);
            output.WriteLine(FormattableString.Invariant($"{file}: {(position - _from).TotalSeconds:0.0} s of audio in {took.TotalSeconds:0.0} s"));
        }

        private static string Clock(TimeSpan at) => FormattableString.Invariant($"{(int)at.TotalHours:00}:{at:mm\\:ss}");

        private double Speed(TimeSpan position) => (position - _from) / time.GetElapsedTime(_began);
    }
}
