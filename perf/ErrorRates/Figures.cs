using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>The table for people, and the line for programs.</summary>
internal sealed class Figures
{
    private readonly StringBuilder _table = new();
    private readonly Dictionary<string, object> _json = [];

    public Figures()
    {
        _ = _table.AppendLine("| model | door | words | errors | error rate (95 %) | above the file's (95 %) | clips worse / better than as a file | words on noise |");
        _ = _table.AppendLine("|---|---|---:|---:|---:|---:|---:|---:|");
    }

    public void Add(string model, IReadOnlyList<Recording> clips, List<Rates> rates, bool verbose)
    {
        var file = rates.Find(static one => one.Door == "file");
        var json = new Dictionary<string, object?>();
        foreach (var one in rates)
        {
            var (low, high) = one.Likely(null);
            var row = string.Create(CultureInfo.InvariantCulture, $"| {model} | {one.Door} | {one.Words} | {one.Errors} | {one.Percent:0.00} ({low:0.0} to {high:0.0}) |");
            json[one.Door] = Math.Round(one.Percent, 3);
            json[one.Door + "_errors"] = one.Errors;
            if (file is not null && one != file)
            {
                var (least, most) = one.Likely(file);
                var (worse, better) = one.Against(file);
                row += string.Create(CultureInfo.InvariantCulture, $" {one.Above(file):+0.00;-0.00;0.00} ({least:0.0} to {most:0.0}) | {worse} / {better} |");
                json[one.Door + "_above_file"] = Math.Round(one.Above(file), 3);
            }
            else
            {
                row += " | |";
            }

            json[one.Door + "_words_on_noise"] = one.WordsOnNoise;
            _ = _table.AppendLine(CultureInfo.InvariantCulture, $"{row} {one.WordsOnNoise} |");
        }

        json["words"] = rates[0].Words;
        _json[model] = json;
        if (verbose)
        {
            Tell(model, clips, rates);
        }
    }

    public void Print()
    {
        Console.WriteLine();
        Console.WriteLine(_table);
        Console.WriteLine(JsonSerializer.Serialize(_json));
    }

    private static void Tell(string model, IReadOnlyList<Recording> clips, List<Rates> rates)
    {
        for (var i = 0; i < clips.Count; i++)
        {
            if (rates.Exists(one => one.ErrorsIn(i) > 0))
            {
                Console.WriteLine($"{model}, {clips[i].Name}: {string.Join(' ', clips[i].Said)}");
                foreach (var one in rates)
                {
                    Console.WriteLine($"  {one.Door,-6} {one.ErrorsIn(i)} {(one.ErrorsIn(i) > 0 ? one.HeardIn(i) : "")}");
                }
            }
        }
    }
}
