using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.Transcription.Tests.Models;

public sealed class FolderSwapTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-swap-").FullName;

    private string Place => Path.Combine(_root, "model");

    private string Staging => Path.Combine(_root, ".model.part");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_exchange_the_folders_change_places_whatever_an_earlier_run_left(bool leftover)
    {
        Make(Place, "old");
        Make(Staging, "new");
        if (leftover)
        {
            Make(Staging + ".old", "older");
        }

        FolderSwap.PutInTwoSteps(Staging, Place);

        Assert.Equal(("new", "old"), (Read(Place), Read(Staging)));
        Assert.False(Path.Exists(Staging + ".old"));
    }

    [Fact]
    public void Link_that_an_earlier_run_left_goes_and_its_folder_stays()
    {
        Make(Place, "old");
        Make(Staging, "new");
        Make(Path.Combine(_root, "mine"), "mine");
        _ = Directory.CreateSymbolicLink(Staging + ".old", Path.Combine(_root, "mine"));

        FolderSwap.PutInTwoSteps(Staging, Place);

        Assert.Equal(("new", "mine"), (Read(Place), Read(Path.Combine(_root, "mine"))));
    }

    [Fact]
    public void Where_the_second_step_fails_the_old_folder_is_back_in_its_place()
    {
        Make(Place, "old");

        _ = Assert.ThrowsAny<IOException>(() => FolderSwap.PutInTwoSteps(Staging, Place));

        Assert.Equal("old", Read(Place));
    }

    private static void Make(string folder, string text)
    {
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "text"), text);
    }

    private static string Read(string folder) => File.ReadAllText(Path.Combine(folder, "text"));
}
