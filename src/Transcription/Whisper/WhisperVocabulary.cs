using System.Collections.Frozen;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The tokens that steer Whisper, and those that it must not say.</summary>
internal sealed class WhisperVocabulary
{
    /// <summary>Seconds from one time token to the next.</summary>
    public const double TimeStep = 0.02;

    private const string English = "en";

    /// <summary>English-only vocabularies have one entry less before their specials.</summary>
    private const int LastEnglishOnlyEnd = 50256;

    /// <summary>Finds them.</summary>
    /// <param name="tokenizer">Names the added tokens.</param>
    /// <param name="generation">May list languages, tasks and what is suppressed.</param>
    /// <param name="size">How many tokens the decoder scores.</param>
    /// <exception cref="RecognizerException">One that is needed is missing.</exception>
    public WhisperVocabulary(WhisperTokenizer tokenizer, WhisperGeneration generation, int size)
    {
        Start = Require(tokenizer, "<|startoftranscript|>");
        End = Require(tokenizer, "<|endoftext|>");
        NoTimes = generation.NoTimestampsTokenId ?? Require(tokenizer, "<|notimestamps|>");
        FirstTime = NoTimes + 1;
        Previous = tokenizer.Specials.GetValueOrDefault("<|startofprev|>", -1);
        NoSpeech = tokenizer.Specials.GetValueOrDefault("<|nospeech|>", tokenizer.Specials.GetValueOrDefault("<|nocaptions|>", -1));
        Transcribe = Task(tokenizer, generation, "transcribe");
        Translate = Task(tokenizer, generation, "translate");
        Languages = FindLanguages(tokenizer, generation, Start, Math.Max(Transcribe, Translate));
        LanguageOf = Languages.GroupBy(static pair => pair.Value, static pair => pair.Key).ToFrozenDictionary(
            static group => group.Key,
            static group => group.Count() == 1
                ? group.First()
                : throw new RecognizerException($"The generation config gives token {group.Key} to several languages: {string.Join(", ", group.Order(StringComparer.Ordinal))}."));
        IsMultilingual = (generation.IsMultilingual ?? End > LastEnglishOnlyEnd) && Transcribe >= 0;
        Suppressed = [.. (generation.SuppressTokens ?? []).Where(token => token >= 0 && token < End).Distinct().Order()];
        SuppressedAtBegin = [.. Suppressed.Union((generation.BeginSuppressTokens ?? []).Where(token => token >= 0 && token <= End)).Order()];
        Check(size);
    }

    /// <summary>Begins a transcript.</summary>
    public int Start { get; }

    /// <summary>Ends a transcript; all text tokens are below it, all other specials above.</summary>
    public int End { get; }

    /// <summary>Asks for text without time tokens.</summary>
    public int NoTimes { get; }

    /// <summary>The token of 0.00 s.</summary>
    public int FirstTime { get; }

    /// <summary>Comes before a prompt; -1 where there is none.</summary>
    public int Previous { get; }

    /// <summary>Its probability after <see cref="Start"/> is that of no speech; -1 where there is none.</summary>
    public int NoSpeech { get; }

    /// <summary>Asks for the language spoken; -1 in an English-only model.</summary>
    public int Transcribe { get; }

    /// <summary>Asks for English; -1 in an English-only model.</summary>
    public int Translate { get; }

    /// <summary>Whether language and task are told.</summary>
    public bool IsMultilingual { get; }

    /// <summary>Tokens by ISO 639 code.</summary>
    public FrozenDictionary<string, int> Languages { get; }

    /// <summary>ISO 639 codes by token.</summary>
    public FrozenDictionary<int, string> LanguageOf { get; }

    /// <summary>Text tokens never said, in order.</summary>
    public int[] Suppressed { get; }

    /// <summary>Tokens not said first, in order.</summary>
    public int[] SuppressedAtBegin { get; }

    /// <summary>Tokens that begin a transcript.</summary>
    /// <param name="language">Token of the language; ignored by an English-only model.</param>
    /// <param name="translate">English, whatever is spoken.</param>
    /// <param name="times">Whether time tokens are wanted.</param>
    public int[] Prompt(int language, bool translate, bool times)
    {
        List<int> prompt = IsMultilingual ? [Start, language, translate ? Translate : Transcribe] : [Start];
        if (!times)
        {
            prompt.Add(NoTimes);
        }

        return [.. prompt];
    }

    /// <summary>Refuses tokens that the decoder does not have: it looks them up, and their scores. Optional ones are -1 where there are none.</summary>
    private void Check(int size)
    {
        int[] optional = [Previous, NoSpeech, Transcribe, Translate];
        int[] named = [Start, End, NoTimes, FirstTime, .. Languages.Values, .. optional.Where(static token => token != -1)];
        foreach (int token in named)
        {
            if ((uint)token >= (uint)size)
            {
                throw new RecognizerException($"The tokenizer and the generation config name token {token}, but the decoder scores {size} tokens: they are of different models.");
            }
        }

        if (End > Start)
        {
            throw new RecognizerException($"The token that ends a transcript ({End}) lies behind the one that begins it ({Start}): the tokenizer is not Whisper's.");
        }
    }

    private static int Require(WhisperTokenizer tokenizer, string name)
    {
        return tokenizer.Specials.TryGetValue(name, out int token)
            ? token
            : throw new RecognizerException($"The tokenizer has no token '{name}': it is not Whisper's.");
    }

    private static int Task(WhisperTokenizer tokenizer, WhisperGeneration generation, string name)
    {
        return generation.TaskToId?.TryGetValue(name, out int token) == true ? token : tokenizer.Specials.GetValueOrDefault($"<|{name}|>", -1);
    }

    private static FrozenDictionary<string, int> FindLanguages(WhisperTokenizer tokenizer, WhisperGeneration generation, int start, int lastTask)
    {
        // Without a list: the languages stand between the start and the tasks, named by their codes.
        IEnumerable<KeyValuePair<string, int>> named = generation.LangToId is { Count: > 0 } listed
            ? listed
            : tokenizer.Specials.Where(pair => pair.Value > start && pair.Value < lastTask && pair.Key.Length is 6 or 7 && !pair.Key.Contains("trans", StringComparison.Ordinal));
        FrozenDictionary<string, int> languages = named.GroupBy(static pair => pair.Key.Trim('<', '|', '>'), StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.First().Value, StringComparer.Ordinal);
        return languages.Count > 0 ? languages : new Dictionary<string, int> { [English] = start }.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
