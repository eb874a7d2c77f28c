namespace AsrHub.Rtc.AsrBench;

/// <summary>What somebody who watches the text sees: which words were there when, and which were taken back.</summary>
internal sealed class ShownWords
{
    private readonly List<(double At, string[] Words)> _shows = [];

    /// <summary>Words that were there and then were not, or were others.</summary>
    public int Revised { get; private set; }

    public void Show(string text, double at)
    {
        var words = WordNormalizer.Split(text);
        if (_shows.Count > 0)
        {
            var before = _shows[^1].Words;
            Revised += before.Length - WordNormalizer.Common(before, words);
        }

        _shows.Add((at, words));
    }

    /// <summary>How long after each word of the final text was said it was there to stay, seconds.</summary>
    public IEnumerable<double> Delays(Clip clip)
    {
        if (_shows.Count == 0)
        {
            yield break;
        }

        var final = _shows[^1].Words;
        var ends = clip.WordEnds(final);
        for (var word = 0; word < final.Length; word++)
        {
            var since = _shows.Count - 1;
            while (since > 0 && word < _shows[since - 1].Words.Length && _shows[since - 1].Words[word] == final[word])
            {
                since--;
            }

            yield return _shows[since].At - ends[word];
        }
    }
}
