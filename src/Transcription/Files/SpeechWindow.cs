using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>A piece of a recording that one pass hears.</summary>
/// <param name="Audio">Holds the samples; let go of it after the pass.</param>
/// <param name="Length">How many samples of it count.</param>
/// <param name="Start">Position of the first one in the recording; less than 0 where it lies before.</param>
/// <param name="SpeechStart">First voiced sample.</param>
/// <param name="SpeechEnd">Sample after the last voiced one.</param>
/// <param name="Next">Where a cutter that is started anew goes on as this one did.</param>
internal readonly record struct SpeechWindow(SharedAudio Audio, int Length, long Start, long SpeechStart, long SpeechEnd, long Next)
{
    public ReadOnlyMemory<float> Samples => Audio.Array.AsMemory(0, Length);
}
