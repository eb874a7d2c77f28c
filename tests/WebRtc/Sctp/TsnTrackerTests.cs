using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>The tracker against a plain set, over the wrap of the TSN.</summary>
public class TsnTrackerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Agrees_with_a_set_of_numbers(int seed)
    {
        var random = new Random(seed);
        const uint Start = uint.MaxValue - 500;
        var tracker = new TsnTracker(Start);
        var seen = new HashSet<long>();
        long cumulative = -1;
        for (var i = 0; i < 5_000; i++)
        {
            var offset = Math.Max(0, cumulative + random.Next(-5, 40));
            var tsn = unchecked(Start + (uint)offset);
            var isNew = offset > cumulative && !seen.Contains(offset);
            if (random.Next(50) == 0)
            {
                cumulative += random.Next(1, 20);
                tracker.SkipTo(unchecked(Start + (uint)cumulative));
            }
            else
            {
                Assert.Equal(isNew ? TsnClass.New : TsnClass.Duplicate, tracker.Classify(tsn));
                if (isNew)
                {
                    tracker.Add(tsn);
                    _ = seen.Add(offset);
                }
            }

            while (seen.Contains(cumulative + 1))
            {
                cumulative++;
            }

            Assert.Equal(unchecked(Start + (uint)cumulative), tracker.CumulativeTsn);
            Assert.Equal(seen.Any(each => each > cumulative), tracker.HasGaps);
        }
    }
}
