using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class PauseCutterTests
{
    private static readonly CutOptions Options = new();

    [Fact]
    public void Each_stretch_of_speech_becomes_a_window_with_padding()
    {
        float[] pcm = [.. CodedSpeech.Silence(1000), .. CodedSpeech.Say(1, 2, 3, 4), .. CodedSpeech.Silence(2200), .. CodedSpeech.Say(5, 6, 7, 8), .. CodedSpeech.Silence(1000)];
        var windows = Cut(pcm);
        Assert.Equal(["w1 w2 w3 w4", "w5 w6 w7 w8"], windows.Select(static w => w.Text));
        Assert.All(windows, static w => Assert.True(w.Window.Start < w.Window.SpeechStart));
        Assert.All(windows, static w => Assert.True(w.Window.Start + w.Window.Length > w.Window.SpeechEnd));
        Assert.InRange(windows[1].Window.SpeechStart, (1000 + 1000 + 2200 - 64) * 16, (1000 + 1000 + 2200 + 64) * 16);
    }

    [Fact]
    public void Speech_without_pauses_is_cut_between_words_and_no_word_is_lost()
    {
        var codes = CodedSpeech.Range(1, 300);
        var windows = Cut(CodedSpeech.Say(codes));
        Assert.True(windows.Count >= 4);
        Assert.All(windows, static w => Assert.True(w.Window.Length <= Options.MaxSamples + Options.TrailSamples + Options.QuietSamples));
        Assert.Equal(CodedSpeech.Text(codes), string.Join(' ', windows.Select(static w => w.Text)));
    }

    [Fact]
    public void End_of_what_was_cut_is_a_window_however_short_it_is()
    {
        float[] pcm = [.. CodedSpeech.Say(CodedSpeech.Range(1, 78)), .. CodedSpeech.Silence(300), .. CodedSpeech.Say(79)[..(16 * 200)], .. CodedSpeech.Silence(3000)];
        var windows = Cut(pcm);
        Assert.Equal([CodedSpeech.Text(CodedSpeech.Range(1, 78)), "w79"], windows.Select(static w => w.Text));
        Assert.Equal("w79", Assert.Single(Cut(pcm[(int)windows[0].Window.Next..], from: windows[0].Window.Next)).Text);
        Assert.InRange(windows[0].Window.SpeechEnd, 78 * CodedSpeech.WordSamples, (78 * CodedSpeech.WordSamples) + 1024);
    }

    [Fact]
    public void Recording_that_is_voice_from_end_to_end_is_heard_with_silence_around_it()
    {
        var pcm = CodedSpeech.Say(1, 2, 3, 4);
        using var cutter = new PauseCutter(new EnergyActivity(), Options, 0);
        cutter.Write(pcm);
        cutter.End();
        Assert.True(cutter.TryRead(out var window));
        var samples = window.Samples.ToArray();

        Assert.Equal(-Options.QuietSamples, window.Start);
        Assert.All(samples[..Options.QuietSamples], static sample => Assert.Equal(0, sample));
        Assert.Equal(pcm, samples[Options.QuietSamples..][..pcm.Length]);
        Assert.All(samples[^(Options.TrailSamples / 2)..], static sample => Assert.Equal(0, sample));
        Assert.Equal(window.SpeechEnd + Options.TrailSamples, window.Start + window.Length);
        window.Audio.LetGo();
    }

    [Fact]
    public void Pause_for_breath_ends_a_long_window_and_not_a_short_one()
    {
        float[] pcm =
        [
            .. CodedSpeech.Say(CodedSpeech.Range(1, 8)), .. CodedSpeech.Silence(600),
            .. CodedSpeech.Say(CodedSpeech.Range(9, 40)), .. CodedSpeech.Silence(600),
            .. CodedSpeech.Say(CodedSpeech.Range(49, 8)),
        ];
        Assert.Equal([CodedSpeech.Text(CodedSpeech.Range(1, 48)), CodedSpeech.Text(CodedSpeech.Range(49, 8))], Cut(pcm).Select(static w => w.Text));
    }

    [Fact]
    public void Window_is_never_longer_than_the_model_takes()
    {
        const int Takes = 16_000 * 4;
        var codes = CodedSpeech.Range(1, 60);
        var windows = Cut(CodedSpeech.Say(codes), options: Options.For(Takes));
        Assert.All(windows, static w => Assert.True(w.Window.Length <= Takes));
        Assert.Equal(CodedSpeech.Text(codes), string.Join(' ', windows.Select(static w => w.Text)));
    }

    [Fact]
    public void Silence_has_no_windows_and_its_length_does_not_matter() => Assert.Empty(Cut(new float[16_000 * 120]));

    [Fact]
    public void Click_is_no_window() => Assert.Empty(Cut([.. CodedSpeech.Silence(500), .. CodedSpeech.Say(1)[..2000], .. CodedSpeech.Silence(1000)]));

    [Fact]
    public void Speech_up_to_the_last_sample_is_heard() => Assert.Equal("w1 w2 w3", Assert.Single(Cut([.. CodedSpeech.Silence(300), .. CodedSpeech.Say(1, 2, 3)])).Text);

    [Fact]
    public void Speech_right_after_a_pause_keeps_its_first_word()
    {
        float[] pcm = [.. CodedSpeech.Say(1, 2, 3), .. CodedSpeech.Silence(2030), .. CodedSpeech.Say(4, 5, 6), .. CodedSpeech.Silence(2030), .. CodedSpeech.Say(7, 8, 9)];
        Assert.Equal("w1 w2 w3 w4 w5 w6 w7 w8 w9", string.Join(' ', Cut(pcm).Select(static w => w.Text)));
    }

    [Theory]
    [InlineData(160)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void Size_of_the_pieces_does_not_matter(int piece)
    {
        var pcm = Talk();
        Assert.Equal(Cut(pcm).Select(static w => (w.Window.Start, w.Window.Length, w.Window.Next)), Cut(pcm, piece).Select(static w => (w.Window.Start, w.Window.Length, w.Window.Next)));
    }

    [Fact]
    public void Started_anew_at_any_window_it_cuts_the_rest_the_same()
    {
        var pcm = Talk();
        var whole = Cut(pcm);
        Assert.True(whole.Count > 10);
        for (var i = 0; i < whole.Count; i++)
        {
            var next = whole[i].Window.Next;
            var rest = Cut(pcm[(int)next..], from: next);
            Assert.Equal(whole.Skip(i + 1).Select(static w => (w.Window.Start, w.Window.Length, w.Text)), rest.Select(static w => (w.Window.Start, w.Window.Length, w.Text)));
        }
    }

    internal static float[] Talk()
    {
        var pcm = new List<float>();
        for (var turn = 0; turn < 20; turn++)
        {
            pcm.AddRange(CodedSpeech.Silence(turn % 2 == 0 ? 2030 + (turn * 37) : 430 + (turn * 17)));
            pcm.AddRange(CodedSpeech.Say(CodedSpeech.Range(turn * 40, turn == 5 ? 80 : 4 + turn)));
        }

        pcm.AddRange(CodedSpeech.Silence(25_000));
        pcm.AddRange(CodedSpeech.Say(990, 991, 992));
        return [.. pcm];
    }

    private static List<(SpeechWindow Window, string Text)> Cut(float[] pcm, int piece = 16_000, long from = 0, CutOptions? options = null)
    {
        using var cutter = new PauseCutter(new EnergyActivity(), options ?? Options, from);
        var windows = new List<(SpeechWindow, string)>();
        for (var at = 0; at < pcm.Length; at += piece)
        {
            cutter.Write(pcm.AsSpan(at, Math.Min(piece, pcm.Length - at)));
            Take();
        }

        cutter.End();
        Take();
        return windows;

        void Take()
        {
            while (cutter.TryRead(out var window))
            {
                windows.Add((window, CodedSpeech.ReadText(window.Samples.Span)));
                window.Audio.LetGo();
            }
        }
    }
}
