namespace AsrHub.Rtc.PoolBench;

/// <summary>What so many sessions got.</summary>
internal sealed class Row
{
    private readonly List<double> _times = [];
    private TimeSpan _time;
    private double _cpu;
    private TimeSpan _used;
    private TimeSpan _capacity;

    public int Providers { get; set; }

    public double PassesPerSecond => _times.Count / _time.TotalSeconds;

    public double CpuMilliseconds => _cpu * 1000 / _times.Count;

    public double Utilization => _used / _capacity;

    public void Add(TimeSpan time, double cpu, (TimeSpan Used, TimeSpan Capacity) use, IEnumerable<double> times)
    {
        _time += time;
        _cpu += cpu;
        _used += use.Used;
        _capacity += use.Capacity;
        _times.AddRange(times);
        _times.Sort();
    }

    public double Quantile(double quantile) => _times[(int)Math.Min(_times.Count - 1, _times.Count * quantile)];
}
