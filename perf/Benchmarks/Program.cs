using AsrHub.Rtc.Benchmarks;
using BenchmarkDotNet.Running;

if (args is ["growing-speech"])
{
    GrowingSpeech.Run(Console.Out);
    return;
}

if (args is ["word-times", ..])
{
    WordTimesRun.Run(Console.Out, args.ElementAtOrDefault(1));
    return;
}

if (args is ["batched-steps"])
{
    BatchedSteps.Run(Console.Out);
    return;
}

if (args is ["operator-spread"])
{
    OperatorSpread.Run(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
