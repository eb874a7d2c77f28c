using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Recognition;

public sealed class PassMemoryTests
{
    [Fact]
    public void Content_is_there_once_and_again_when_it_was_given_back()
    {
        var memory = new PassMemory();
        memory.Give("speech");

        Assert.Equal("speech", memory.Take<string>());
        Assert.Null(memory.Take<string>());
        memory.Give("speech and more");
        Assert.Equal("speech and more", memory.Take<string>());
    }

    [Fact]
    public void Another_models_content_is_not_taken_for_ones_own()
    {
        var memory = new PassMemory();
        memory.Give("speech");

        Assert.Null(memory.Take<int[]>());
        Assert.Null(memory.Take<string>());
    }

    [Fact]
    public void What_another_model_of_the_same_kind_has_computed_is_not_taken()
    {
        var memory = new PassMemory();
        object tiny = new();
        object small = new();
        memory.Give("speech", tiny);

        Assert.Null(memory.Take<string>(small));
        Assert.Null(memory.Take<string>(tiny));
        memory.Give("speech", tiny);
        Assert.Equal("speech", memory.Take<string>(tiny));
    }

    [Fact]
    public void Forgotten_content_is_gone()
    {
        var memory = new PassMemory();
        memory.Give("speech");

        memory.Clear();

        Assert.Null(memory.Take<string>());
    }
}
