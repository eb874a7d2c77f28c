namespace AsrHub.Rtc.Crypto;

/// <summary>
/// How many native objects (TLS sessions, cipher contexts, decoders, ...) this process holds. A leak test asserts that the number comes back
/// to where it was; every <c>SafeHandle</c> of this product that owns a native object reports here.
/// </summary>
public static class NativeHandles
{
    private static long _count;

    /// <summary>Native objects alive now.</summary>
    public static long Count => Interlocked.Read(ref _count);

    /// <summary>A handle took ownership of a native object.</summary>
    public static void Opened() => Interlocked.Increment(ref _count);

    /// <summary>A handle released its native object.</summary>
    public static void Closed() => Interlocked.Decrement(ref _count);
}
