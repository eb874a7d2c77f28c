using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The decoder as greedy decoding sees it: scores become the likeliest tokens that may be said.</summary>
internal sealed class WhisperStepper : ITokenStepper
{
    private readonly IDecoderGraph _graph;
    private readonly TokenChooser _chooser;
    private readonly int[] _said;
    private int _promptLength;
    private int _start;
    private bool _timed;

    /// <summary>Makes one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="chooser">Chooses tokens.</param>
    /// <param name="longest">Tokens that the graph has positions for.</param>
    public WhisperStepper(IDecoderGraph graph, TokenChooser chooser, int longest)
    {
        _graph = graph;
        _chooser = chooser;
        _said = new int[longest];
    }

    /// <inheritdoc/>
    public int Length => _graph.Length;

    /// <summary>How likely it is that nothing was said, heard behind the start token.</summary>
    public float NoSpeech { get; private set; }

    /// <summary>Which language was heard behind the start token, and its probability among all.</summary>
    public (int Token, float Probability) Language { get; private set; }

    /// <summary>Prepares for a transcript.</summary>
    /// <param name="promptLength">Tokens before its first one.</param>
    /// <param name="start">Position of the start token among them.</param>
    /// <param name="timed">Whether it has time tokens.</param>
    /// <param name="noSpeech">How likely it is that nothing was said, where the prompt has been fed before.</param>
    public void Begin(int promptLength, int start, bool timed, float noSpeech = 0)
    {
        _promptLength = promptLength;
        _start = start;
        _timed = timed;
        NoSpeech = noSpeech;
    }

    /// <summary>Hears which language is spoken; the graph must be empty and then holds the tokens given.</summary>
    /// <param name="tokens">The start token, and what follows it if the language is the one guessed.</param>
    public void DetectLanguage(ReadOnlySpan<int> tokens)
    {
        _graph.Run(tokens);
        HearStart(_graph.Scores(0));
    }

    /// <summary>Feeds tokens of the prompt, what follows which is known.</summary>
    /// <param name="tokens">Some of it, without its last.</param>
    public void Feed(ReadOnlySpan<int> tokens)
    {
        int at = _start - _graph.Length;
        _graph.Run(tokens);
        if (at >= 0 && at < tokens.Length)
        {
            HearStart(_graph.Scores(at));
        }
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        int before = _graph.Length;
        tokens.CopyTo(_said.AsSpan(before));
        _graph.Run(tokens);
        for (int i = 0; i < tokens.Length; i++)
        {
            ReadOnlySpan<float> row = _graph.Scores(i);
            int length = before + i + 1;
            if (length == _start + 1)
            {
                HearStart(row);
            }

            if (length >= _promptLength)
            {
                next[i] = _timed
                    ? _chooser.ChooseTimed(row, _said.AsSpan(_promptLength, length - _promptLength), out confidences[i])
                    : _chooser.Choose(row, length == _promptLength, out confidences[i]);
            }
        }
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        _graph.Truncate(length);
    }

    /// <summary>Takes in what may follow the start token.</summary>
    private void HearStart(ReadOnlySpan<float> row)
    {
        NoSpeech = _chooser.NoSpeech(row);
        Language = _chooser.ChooseLanguage(row);
    }
}
