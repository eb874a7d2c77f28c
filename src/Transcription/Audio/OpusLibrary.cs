using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>The calls of libopus that decoding needs.</summary>
internal static unsafe partial class OpusLibrary
{
    /// <summary>OPUS_RESET_STATE.</summary>
    public const int ResetState = 4028;

    private const string Name = "libopus.so.0";

    [LibraryImport(Name, EntryPoint = "opus_decoder_create")]
    public static partial OpusDecoderHandle DecoderCreate(int sampleRate, int channels, out int error);

    [LibraryImport(Name, EntryPoint = "opus_decoder_destroy")]
    public static partial void DecoderDestroy(IntPtr decoder);

    [LibraryImport(Name, EntryPoint = "opus_decode_float")]
    public static partial int DecodeFloat(OpusDecoderHandle decoder, byte* data, int length, float* pcm, int frameSize, int decodeFec);

    // Variadic in C; without further arguments the plain call is the same on the Linux ABIs for x64 and arm64.
    [LibraryImport(Name, EntryPoint = "opus_decoder_ctl")]
    public static partial int DecoderControl(OpusDecoderHandle decoder, int request);

    [LibraryImport(Name, EntryPoint = "opus_packet_get_nb_samples")]
    [SuppressGCTransition]
    public static partial int PacketSamples(byte* packet, int length, int sampleRate);
}

/// <summary>Owns a libopus decoder.</summary>
internal sealed class OpusDecoderHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        OpusLibrary.DecoderDestroy(handle);
        NativeHandles.Closed();
        return true;
    }
}
