using System.Collections.Frozen;
using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Tests.Decoding;

public sealed class GreedyDecoderTests
{
    private const int Start = 1;
    private const int End = 2;
    private const int Comma = 3;
    private const int Cap = 200;

    [Fact]
    public void Whatever_the_draft_the_tokens_are_those_of_plain_decoding()
    {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            int[] said = RandomTokens(random, random.Next(0, 60));
            int[] draft = Damage(random, said);
            var stepper = new ScriptedStepper(said);
            GreedyDecoder decoder = Decode(stepper, draft);

            Assert.Equal(said, decoder.Tokens.ToArray());
            Assert.InRange(decoder.Calls, 1, said.Length + 1);
            Assert.False(decoder.WasGuarded);
        }
    }

    [Fact]
    public void A_right_draft_takes_one_call()
    {
        int[] said = RandomTokens(new Random(1), 40);

        GreedyDecoder decoder = Decode(new ScriptedStepper(said), said);

        Assert.Equal(1, decoder.Calls);
        Assert.Equal(said.Length, decoder.Kept);
    }

    [Theory]
    [InlineData(20, 20)] // exchanged
    [InlineData(20, 21)] // left out
    [InlineData(20, 19)] // put in
    public void One_difference_in_the_middle_takes_few_calls(int at, int resume)
    {
        int[] said = RandomTokens(new Random(1), 40);
        int[] draft = resume == at
            ? [.. said[..at], 999, .. said[(at + 1)..]]
            : resume > at ? [.. said[..at], .. said[(at + 1)..]] : [.. said[..at], 999, .. said[at..]];

        GreedyDecoder decoder = Decode(new ScriptedStepper(said), draft);

        Assert.Equal(said, decoder.Tokens.ToArray());
        Assert.InRange(decoder.Calls, 2, 5);
    }

    [Fact]
    public void A_comma_that_comes_in_does_not_throw_the_draft_away()
    {
        int[] draft = RandomTokens(new Random(3), 40);
        int[] said = [.. draft[..10], Comma, .. draft[10..]];

        GreedyDecoder decoder = Decode(new ScriptedStepper(said), draft);

        Assert.Equal(said, decoder.Tokens.ToArray());
        Assert.InRange(decoder.Calls, 2, 5);
    }

    [Fact]
    public void The_last_mark_of_the_draft_is_expected_behind_new_words()
    {
        int[] words = RandomTokens(new Random(3), 20);
        int[] said = [.. words, 500, 501, Comma];

        GreedyDecoder decoder = Decode(new ScriptedStepper(said), [.. words, Comma]);

        // The draft with the first new word, the second one, and the mark with the end.
        Assert.Equal(said, decoder.Tokens.ToArray());
        Assert.Equal(3, decoder.Calls);
    }

    [Fact]
    public void A_loop_is_cut_to_one_turn_and_told()
    {
        int[] turn = [50, 51, 52, 53];
        int[] said = [40, 41, 42, .. Enumerable.Repeat(turn, 30).SelectMany(tokens => tokens)];

        GreedyDecoder decoder = Decode(new ScriptedStepper(said), []);

        Assert.True(decoder.WasGuarded);
        Assert.Equal([40, 41, 42, .. turn], decoder.Tokens.ToArray());
    }

    [Fact]
    public void More_tokens_than_are_believed_are_cut_and_told()
    {
        int[] said = RandomTokens(new Random(5), 60);
        var decoder = new GreedyDecoder(FrozenSet<int>.Empty);

        decoder.Run(new ScriptedStepper(said), [Start], said, End, 25);

        Assert.True(decoder.WasGuarded);
        Assert.Equal(said[..25], decoder.Tokens.ToArray());
    }

    [Fact]
    public void A_prompt_of_several_tokens_is_fed_before_the_draft()
    {
        int[] said = RandomTokens(new Random(6), 10);
        var stepper = new ScriptedStepper(said, promptLength: 4);
        var decoder = new GreedyDecoder(FrozenSet<int>.Empty);

        decoder.Run(stepper, [Start, 5, 6, 7], said, End, Cap);

        Assert.Equal(said, decoder.Tokens.ToArray());
        Assert.Equal(1, decoder.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(20)]
    public void Settled_tokens_are_taken_over_and_the_rest_is_decoded(int settled)
    {
        int[] said = RandomTokens(new Random(5), 24);
        int[] draft = said[..20];
        var stepper = new ScriptedStepper(said);
        stepper.Know([Start, .. said[..(settled - 1)]]);
        var decoder = new GreedyDecoder(new[] { Comma }.ToFrozenSet());

        decoder.Run(stepper, [Start], draft, End, Cap, Enumerable.Repeat(0.9f, settled).ToArray());

        Assert.Equal(said, decoder.Tokens.ToArray());
        Assert.Equal(Enumerable.Repeat(0.9f, settled), decoder.Confidences[..settled].ToArray());
        Assert.InRange(stepper.Fed, 1, draft.Length - settled + 1 + 8);
    }

    [Fact]
    public void Decoding_ends_after_as_many_tokens_as_new_audio_can_hold_without_being_a_loop()
    {
        int[] said = RandomTokens(new Random(5), 24);
        var decoder = new GreedyDecoder(new[] { Comma }.ToFrozenSet());

        decoder.Run(new ScriptedStepper(said), [Start], said.AsSpan(0, 10), End, Cap, most: 15);

        Assert.Equal(said[..15], decoder.Tokens.ToArray());
        Assert.False(decoder.WasGuarded);
    }

    [Fact]
    public void A_token_behind_the_draft_that_is_unlikely_is_not_taken_but_those_of_the_draft_are()
    {
        int[] said = RandomTokens(new Random(5), 24);
        var decoder = new GreedyDecoder(new[] { Comma }.ToFrozenSet());

        decoder.Run(new ScriptedStepper(said), [Start], said.AsSpan(0, 10), End, Cap, least: 0.6f);

        Assert.Equal(said[..10], decoder.Tokens.ToArray());
        Assert.True(decoder.HasWithheld);
        Assert.False(decoder.WasGuarded);
        decoder.Run(new ScriptedStepper(said), [Start], said.AsSpan(0, 10), End, Cap, least: 0.6f, leastFrom: 12);
        Assert.Equal(said[..12], decoder.Tokens.ToArray());
    }

    private static GreedyDecoder Decode(ScriptedStepper stepper, int[] draft)
    {
        var decoder = new GreedyDecoder(new[] { Comma }.ToFrozenSet());
        decoder.Run(stepper, [Start], draft, End, Cap);
        Assert.True(decoder.Confidences.Length == decoder.Tokens.Length);
        return decoder;
    }

    private static int[] RandomTokens(Random random, int count)
    {
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            // Seldom the same twice in a row, so that the guard against loops stays quiet; now and then a comma.
            tokens[i] = i > 0 && tokens[i - 1] != Comma && random.Next(6) == 0 ? Comma : 10 + (i * 7) + random.Next(7);
        }

        return tokens;
    }

    private static int[] Damage(Random random, int[] tokens)
    {
        var draft = new List<int>(tokens);
        for (int i = random.Next(5); i > 0; i--)
        {
            int at = random.Next(draft.Count + 1);
            switch (random.Next(4))
            {
                case 0:
                    draft.Insert(at, random.Next(3, 400));
                    break;
                case 1 when at < draft.Count:
                    draft.RemoveAt(at);
                    break;
                case 2 when at < draft.Count:
                    draft[at] = random.Next(3, 400);
                    break;
                default:
                    draft.RemoveRange(at, Math.Min(random.Next(6), draft.Count - at));
                    break;
            }
        }

        return [.. draft];
    }

    /// <summary>A decoder that has one thing to say and says it only to one who has followed; anything else it answers with nonsense.</summary>
    private sealed class ScriptedStepper(int[] said, int promptLength = 1) : ITokenStepper
    {
        private readonly List<int> _fed = [];

        public int Length => _fed.Count;

        /// <summary>Tokens that were fed, taken back ones included.</summary>
        public int Fed { get; private set; }

        public void Know(IEnumerable<int> tokens)
        {
            _fed.AddRange(tokens);
        }

        public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                _fed.Add(tokens[i]);
                Fed++;
                next[i] = Follows();
                confidences[i] = 0.5f;
            }
        }

        public void Truncate(int length)
        {
            _fed.RemoveRange(length, _fed.Count - length);
        }

        private int Follows()
        {
            int position = _fed.Count - promptLength;
            if (position < 0)
            {
                return 7777;
            }

            for (int i = 0; i < position; i++)
            {
                if (i >= said.Length || _fed[promptLength + i] != said[i])
                {
                    return 5000 + position;
                }
            }

            return position < said.Length ? said[position] : End;
        }
    }
}
