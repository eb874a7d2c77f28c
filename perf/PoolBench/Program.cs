using System.Globalization;
using System.Text.Json;
using AsrHub.Rtc.PoolBench;

var time = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 5);
var figures = new Dictionary<string, object> { ["cores"] = Environment.ProcessorCount };
Console.WriteLine("| provider | sessions | pool: passes a s | p50 / p99 ms | in use | providers | one, locked: passes a s | p50 / p99 ms | in use | times the passes | CPU ms a pass, pool / one |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (var (key, make) in new (string, Func<Service>)[] { ("moonshine", Service.Moonshine), ("spin", Service.Spin), ("waiting", Service.Waiting) })
{
    using var service = make();
    foreach (var sessions in new[] { 1, 2, 4, 8 })
    {
        var (pool, single) = await Load.CompareAsync(service, sessions, time);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {service.Name} | {sessions} | {pool.PassesPerSecond:0.0} | {pool.Quantile(0.5):0} / {pool.Quantile(0.99):0} | {pool.Utilization * 100:0} % | {pool.Providers} | {single.PassesPerSecond:0.0} | {single.Quantile(0.5):0} / {single.Quantile(0.99):0} | {single.Utilization * 100:0} % | {pool.PassesPerSecond / single.PassesPerSecond:0.00} | {pool.CpuMilliseconds:0.0} / {single.CpuMilliseconds:0.0} |"));
        foreach (var (mode, row) in new[] { ("pool", pool), ("singleton", single) })
        {
            figures[$"{key}_{sessions}_{mode}"] = new Dictionary<string, double>
            {
                ["passes_per_second"] = Math.Round(row.PassesPerSecond, 2),
                ["p50_ms"] = Math.Round(row.Quantile(0.5), 1),
                ["p99_ms"] = Math.Round(row.Quantile(0.99), 1),
                ["utilization"] = Math.Round(row.Utilization, 3),
                ["cpu_ms_per_pass"] = Math.Round(row.CpuMilliseconds, 2),
            };
        }
    }
}

Console.WriteLine(JsonSerializer.Serialize(figures));
