using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Onnx;

public sealed class OrtCallTests
{
    private static readonly long[] Shorter = [1, 512];
    private static readonly long[] Whole = [1, 576];
    private static readonly string SileroPath = ModelLocator.File("silero-vad/silero_vad_v5.onnx");
    private static readonly string[] SileroInputs = ["input", "state", "sr"];
    private static readonly string[] SileroOutputs = ["output", "stateN"];

    [Fact]
    public void A_session_tells_what_its_graph_takes_and_gives()
    {
        using var session = OrtSession.Load(SileroPath);

        Assert.Equal(["input", "state", "sr"], session.Inputs.Select(info => info.Name));
        Assert.Equal([OrtElementType.Float, OrtElementType.Float, OrtElementType.Int64], session.Inputs.Select(info => info.Type));
        Assert.Equal([2, -1, 128], session.Inputs[1].Shape);
        Assert.Equal(["output", "stateN"], session.Outputs.Select(info => info.Name));
    }

    [Fact]
    public void Outputs_land_in_the_callers_memory_or_are_allocated_with_the_same_values()
    {
        using var silero = new SileroCall();
        using var after = new OrtTensor(OrtElementType.Float, [2, 1, 128]);
        using var speech = new OrtTensor(OrtElementType.Float, [1, 1]);
        var call = silero.Call;
        call.SetOutput(0, speech);
        call.SetOutput(1, after);

        call.Run();
        float own = speech.Span<float>()[0];
        call.SetOutput(0, null);
        call.SetOutput(1, null);
        call.Run();

        Assert.InRange(own, 1e-6f, 1f);
        Assert.Equal([1, 1], call.OutputShape(0));
        Assert.Equal(own, call.OutputSpan<float>(0)[0]);
        Assert.True(after.Span<float>().SequenceEqual(call.OutputSpan<float>(1)));
        Assert.Contains(after.Span<float>().ToArray(), value => value != 0);
    }

    [Fact]
    public void A_tensor_that_does_not_fit_is_an_error_with_the_runtimes_words_and_the_session_goes_on()
    {
        using var silero = new SileroCall(stateRows: 3);

        var error = Assert.Throws<OnnxException>(() => silero.Call.Run());
        silero.State.SetShape([2, 1, 128]);
        silero.Call.Run();

        Assert.Contains("state", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 1], silero.Call.OutputShape(0));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_there_are()
    {
        using var session = OrtSession.Load(SileroPath);

        var error = Assert.Throws<OnnxException>(() => new OrtCall(session, ["inptu"], SileroOutputs));

        Assert.Contains("'inptu'", error.Message, StringComparison.Ordinal);
        Assert.Contains("input, state, sr", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminated_call_fails_until_the_options_are_reset()
    {
        using var silero = new SileroCall();
        using var options = new OrtRunOptions();

        options.Terminate();
        Assert.Throws<OnnxException>(() => silero.Call.Run(options));
        options.Reset();
        silero.Call.Run(options);

        Assert.Equal([1, 1], silero.Call.OutputShape(0));
    }

    [Fact]
    public async Task A_call_that_runs_is_ended_by_another_thread_and_the_next_one_runs()
    {
        string folder = Directory.CreateTempSubdirectory("asrhub-onnx-").FullName;
        try
        {
            using var session = OrtSession.Load(EndlessGraph.Write(folder));
            using var options = new OrtRunOptions();
            using var trips = new OrtTensor(OrtElementType.Int64, []);
            using var began = new OrtTensor(OrtElementType.Float, [1]);
            using var call = new OrtCall(session, [EndlessGraph.Trips], [EndlessGraph.Began, EndlessGraph.Ended]);
            call.SetInput(0, trips);
            call.SetOutput(0, began);
            trips.Span<long>()[0] = long.MaxValue;

            Task run = Task.Factory.StartNew(() => call.Run(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

            // The first operator has written its output: the flag below is set while the call is in the loop behind it.
            await SessionRig.UntilAsync(() => Volatile.Read(ref began.Span<float>()[0]) != 0, "the call is under way");
            Assert.False(run.IsCompleted);
            options.Terminate();
            _ = await Assert.ThrowsAsync<OnnxException>(() => run.WaitAsync(TimeSpan.FromSeconds(60)));

            options.Reset();
            trips.Span<long>()[0] = 3;
            call.Run(options);
            Assert.Equal(3 + EndlessGraph.First, call.OutputSpan<float>(1)[0]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_missing_or_damaged_file_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("asrhub-onnx-").FullName;
        try
        {
            string damaged = Path.Combine(folder, "damaged.onnx");
            File.WriteAllBytes(damaged, File.ReadAllBytes(SileroPath)[..100_000]);

            var missing = Assert.Throws<OnnxException>(() => OrtSession.Load(Path.Combine(folder, "none.onnx")));
            var broken = Assert.Throws<OnnxException>(() => OrtSession.Load(damaged));

            Assert.Contains("none.onnx", missing.Message, StringComparison.Ordinal);
            Assert.Contains("damaged.onnx", broken.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Running_again_allocates_nothing()
    {
        using var silero = new SileroCall();
        using var after = new OrtTensor(OrtElementType.Float, [2, 1, 128]);
        using var speech = new OrtTensor(OrtElementType.Float, [1, 1]);
        var call = silero.Call;
        call.SetOutput(0, speech);
        Step();
        Step();

        long start = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - start);

        void Step()
        {
            silero.Input.SetShape(Shorter);
            silero.Input.SetShape(Whole);
            call.SetInput(0, silero.Input);
            call.SetInput(1, silero.State);
            call.SetOutput(1, after);
            call.Run();
            call.SetInput(1, after);
            call.SetOutput(1, silero.State);
            call.Run();
        }
    }

    /// <summary>Silero with a window of noise, ready to be called.</summary>
    private sealed class SileroCall : IDisposable
    {
        private readonly OrtSession _session = OrtSession.Load(SileroPath);
        private readonly OrtTensor _rate = new(OrtElementType.Int64, []);

        public SileroCall(int stateRows = 2)
        {
            var random = new Random(1);
            foreach (ref float sample in Input.Span<float>())
            {
                sample = (random.NextSingle() - 0.5f) * 0.2f;
            }

            _rate.Span<long>()[0] = 16000;
            State = new OrtTensor(OrtElementType.Float, [stateRows, 1, 128]);
            Call = new OrtCall(_session, SileroInputs, SileroOutputs);
            Call.SetInput(0, Input);
            Call.SetInput(1, State);
            Call.SetInput(2, _rate);
        }

        public OrtCall Call { get; }

        public OrtTensor Input { get; } = new(OrtElementType.Float, [1, 576]);

        public OrtTensor State { get; }

        public void Dispose()
        {
            Call.Dispose();
            Input.Dispose();
            State.Dispose();
            _rate.Dispose();
            _session.Dispose();
        }
    }
}
