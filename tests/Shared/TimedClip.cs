using System.Text.Json;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A clip of which it is known when each word was said: <c>tests/data/timed</c>.</summary>
public sealed record TimedClip(SpeechClip Clip, IReadOnlyList<TimedWord> Words)
{
    /// <summary>The clips of a manifest.</summary>
    /// <param name="manifest">Full path of a <c>manifest.jsonl</c>; null for the bundled one.</param>
    public static List<TimedClip> Load(string? manifest = null)
    {
        manifest ??= SharedData.Bundled("timed/manifest.jsonl");
        var clips = new List<TimedClip>();
        foreach (string line in File.ReadLines(manifest))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            JsonElement root = entry.RootElement;
            string path = Path.Combine(Path.GetDirectoryName(manifest)!, root.GetProperty("audio").GetString()!);
            var words = new List<TimedWord>();
            foreach (JsonElement word in root.GetProperty("words").EnumerateArray())
            {
                words.Add(new TimedWord(word.GetProperty("text").GetString()!, word.GetProperty("start_ms").GetInt32(), word.GetProperty("end_ms").GetInt32()));
            }

            clips.Add(new TimedClip(new SpeechClip(path, root.GetProperty("text").GetString()!), words));
        }

        return clips;
    }

    /// <summary>Each word that both have, in the order of both: as it was said and as it was heard.</summary>
    /// <param name="said">What was said.</param>
    /// <param name="heard">What was heard.</param>
    public static List<(TimedWord Said, TimedWord Heard)> Pair(IReadOnlyList<TimedWord> said, IReadOnlyList<TimedWord> heard)
    {
        var longest = new int[said.Count + 1, heard.Count + 1];
        for (int i = said.Count - 1; i >= 0; i--)
        {
            for (int j = heard.Count - 1; j >= 0; j--)
            {
                longest[i, j] = IsSame(i, j) ? 1 + longest[i + 1, j + 1] : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        var pairs = new List<(TimedWord, TimedWord)>();
        for (int i = 0, j = 0; i < said.Count && j < heard.Count;)
        {
            if (IsSame(i, j))
            {
                pairs.Add((said[i++], heard[j++]));
            }
            else if (longest[i + 1, j] >= longest[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return pairs;

        bool IsSame(int i, int j) => Shared.Words.Normalized(said[i].Text) == Shared.Words.Normalized(heard[j].Text);
    }

    /// <summary>Each word that was said and heard.</summary>
    /// <param name="heard">Words of a pass.</param>
    public List<(TimedWord Said, TimedWord Heard)> Pair(IReadOnlyList<WordTime> heard)
    {
        return Pair(Words, TimedWord.From(heard));
    }
}

/// <summary>A word and when it was said.</summary>
public readonly record struct TimedWord(string Text, int StartMs, int EndMs)
{
    public static List<TimedWord> From(IReadOnlyList<WordTime> words)
    {
        return [.. words.Select(word => new TimedWord(word.Text, word.StartMs, word.EndMs))];
    }
}
