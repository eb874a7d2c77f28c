using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperProberTests
{
    private static readonly int[] Prompt = [1, 2, 3];
    private static readonly int[] Words = [4, 5, 6, 7, 8];

    [Theory]
    [InlineData(Fault.None, true)]
    [InlineData(Fault.Rounding, true)]
    [InlineData(Fault.SeesAhead, false)]
    [InlineData(Fault.ForgetsThePast, false)]
    [InlineData(Fault.LastRowOnly, false)]
    public void Drafts_are_checked_only_where_tokens_together_score_as_they_do_alone(Fault fault, bool expected)
    {
        Assert.Equal(expected, WhisperProber.ChecksDrafts(new FakeGraph(fault), Prompt, Words));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var probe = new WhisperProbe { ChecksDrafts = false, HasCrossAttentions = false, TakesShortWindows = false, MaySaturate = true };
        var whole = new WhisperProbe { ChecksDrafts = true, HasCrossAttentions = true, TakesShortWindows = true, MaySaturate = false };

        Assert.Collection(
            probe.Warnings(),
            warning => Assert.Contains("Draft checks are off", warning, StringComparison.Ordinal),
            warning => Assert.Contains("cross_attentions", warning, StringComparison.Ordinal),
            warning => Assert.Contains("30 s", warning, StringComparison.Ordinal),
            warning => Assert.Contains("VNNI", warning, StringComparison.Ordinal));
        Assert.Empty(whole.Warnings());
    }

    [Fact]
    public void A_record_counts_while_the_files_and_the_processor_are_the_same()
    {
        string folder = Directory.CreateTempSubdirectory("probe-").FullName;
        try
        {
            string encoder = Path.Combine(folder, "encoder");
            string decoder = Path.Combine(folder, "decoder");
            File.WriteAllText(encoder, "one");
            File.WriteAllText(decoder, "two");
            var found = new WhisperProbe { ChecksDrafts = true, HasCrossAttentions = false, TakesShortWindows = true, MaySaturate = false };
            ProbeRecord record = ProbeRecord.Of(encoder, decoder, signedWeightsAreExact: true, found);
            Assert.Null(ProbeRecord.TryRead(folder, record));

            record.TryWrite(folder);

            WhisperProbe other = found with { ChecksDrafts = false };
            Assert.Equal(found, ProbeRecord.TryRead(folder, ProbeRecord.Of(encoder, decoder, signedWeightsAreExact: true, other)));
            Assert.Null(ProbeRecord.TryRead(folder, ProbeRecord.Of(encoder, decoder, signedWeightsAreExact: false, other)));
            File.WriteAllText(decoder, "three");
            Assert.Null(ProbeRecord.TryRead(folder, ProbeRecord.Of(encoder, decoder, signedWeightsAreExact: true, other)));
            File.WriteAllText(decoder, "two");
            File.WriteAllText(Path.Combine(folder, ProbeRecord.FileName), "{ damaged");
            Assert.Null(ProbeRecord.TryRead(folder, record));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public enum Fault
    {
        None,
        Rounding,
        SeesAhead,
        ForgetsThePast,
        LastRowOnly,
    }

    /// <summary>Scores follow from all tokens up to a row's own, unless the fault says otherwise.</summary>
    private sealed class FakeGraph(Fault fault) : IDecoderGraph
    {
        private const int Width = 500;

        private readonly List<int> _tokens = [];
        private float[] _scores = [];

        public int Length => _tokens.Count;

        public void Run(ReadOnlySpan<int> tokens)
        {
            int past = _tokens.Count;
            _tokens.AddRange(tokens);
            var scores = new List<float>();
            for (int row = 0; row < tokens.Length; row++)
            {
                int from = fault == Fault.ForgetsThePast && tokens.Length > 1 ? past : 0;
                int to = fault == Fault.SeesAhead ? _tokens.Count : past + row + 1;
                int seed = 17;
                foreach (int token in _tokens[from..to])
                {
                    seed = (seed * 31) + token;
                }

                var random = new Random(seed);
                for (int i = 0; i < Width; i++)
                {
                    scores.Add(random.NextSingle() + (fault == Fault.Rounding ? 0.01f * tokens.Length * (i % 3) : 0));
                }
            }

            _scores = [.. scores];
        }

        public ReadOnlySpan<float> Scores(int index)
        {
            return fault == Fault.LastRowOnly ? _scores.AsSpan(_scores.Length - Width) : _scores.AsSpan(index * Width, Width);
        }

        public void Truncate(int length)
        {
            _tokens.RemoveRange(length, _tokens.Count - length);
        }
    }
}
