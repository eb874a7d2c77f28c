using System.Buffers;
using System.Text;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>
/// Lays text out as subtitles: two lines of 42 columns and seven seconds at most. Where the model gives no times for words, a segment's time is shared
/// out by length.
/// </summary>
internal sealed class SubtitleLayout
{
    private const int MaxColumns = 42;
    private const int MaxLines = 2;
    private const int LongestMs = 7000;
    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".?!。？！");
    private readonly List<TextUnit> _units = [];
    private readonly List<string> _lines = [];
    private readonly List<SubtitleCue> _cues = [];
    private readonly StringBuilder _line = new();
    private int _lastEnd;

    /// <summary>The cues of the next segment; valid until the one after.</summary>
    public IReadOnlyList<SubtitleCue> Lay(TranscriptSegment segment)
    {
        _cues.Clear();

        // A break of the text is none of the layout's, and an empty line would end the cue.
        segment = segment with { Text = string.Join(' ', segment.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) };
        var text = segment.Text;
        TextUnit.Split(text, _units);
        if (_units.Count == 0)
        {
            return _cues;
        }

        var times = Times(segment);
        var first = 0;
        var columns = 0;
        for (var i = 0; i < _units.Count; i++)
        {
            // What stands before the first unit, such as a quotation mark, belongs to it.
            var from = i == 0 ? 0 : _units[i].Start;
            var unit = text[from..(i + 1 < _units.Count ? _units[i + 1].Start : text.Length)].Trim();
            var spaced = i > 0 && char.IsWhiteSpace(text[_units[i].Start - 1]);
            var width = Columns(unit);
            if (columns > 0 && columns + (spaced ? 1 : 0) + width > MaxColumns)
            {
                EndLine();
                columns = 0;
            }

            var isFull = _lines.Count == MaxLines || times[i].EndMs - times[first].StartMs > LongestMs;
            if (i > first && (isFull || (_lines.Count > 0 && columns == 0 && EndsSentence(text, _units[i - 1]))))
            {
                EndLine();
                EndCue(times[first].StartMs, times[i - 1].EndMs);
                first = i;
                columns = 0;
            }

            if (columns > 0 && spaced)
            {
                _ = _line.Append(' ');
                columns++;
            }

            _ = _line.Append(unit);
            columns += width;
        }

        EndLine();
        EndCue(times[first].StartMs, times[^1].EndMs);
        return _cues;
    }

    private (int StartMs, int EndMs)[] Times(TranscriptSegment segment)
    {
        var times = new (int StartMs, int EndMs)[_units.Count];
        if (WordPlaces.Find(segment.Text, segment.Words, [.. _units.Select(static unit => unit.CoreStart)]) is { } words)
        {
            for (var i = 0; i < times.Length; i++)
            {
                times[i] = (segment.Words[words[i]].StartMs, segment.Words[words[i]].EndMs);
            }

            return times;
        }

        var span = (double)Math.Max(1, segment.EndMs - segment.StartMs) / segment.Text.Length;
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = (segment.StartMs + (int)(_units[i].Start * span), segment.StartMs + (int)(_units[i].End * span));
        }

        return times;
    }

    private void EndLine()
    {
        if (_line.Length > 0)
        {
            _lines.Add(_line.ToString());
            _ = _line.Clear();
        }
    }

    private void EndCue(int start, int end)
    {
        // Cues that overlap are drawn over each other by some players.
        start = Math.Max(start, _lastEnd);
        _lastEnd = Math.Max(end, start + 1);
        _cues.Add(new SubtitleCue(start, _lastEnd, [.. _lines]));
        _lines.Clear();
    }

    private static bool EndsSentence(string text, TextUnit unit) => text.AsSpan(unit.CoreEnd, unit.End - unit.CoreEnd).ContainsAny(SentenceEnds);

    // Characters of scripts that write no spaces are twice as wide.
    private static int Columns(string text)
    {
        var columns = 0;
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            columns += TextUnit.WritesNoSpaces(text, i) ? 2 : 1;
        }

        return columns;
    }
}
